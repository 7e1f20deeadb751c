import { useMemo } from 'react';
import {
  table,
  type AnswerPanel,
  type Panel,
  type PipelineDescription,
  type ViewDescription,
} from '@millrace/views';
import { Choice } from '../../components/controls/choice.tsx';
import { Notice } from '../../components/controls/notice.tsx';
import { Cursor, CursorContext } from '../../lib/cursor.ts';
import { useSettings, writeSettings } from '../../lib/settings.ts';
import { defaultRangeMs, RANGES, rangeAt, shownMs } from '../../lib/time-range.ts';
import { useLiveViews } from '../../lib/use-live-views.ts';
import { useNow } from '../../lib/use-now.ts';
import { StoresContext, useHasRowsSince } from '../../lib/use-view.ts';
import type { Zone } from '../../lib/zone.ts';
import { AnswerLine } from './answer-line.tsx';
import { EmptyState } from './empty-state.tsx';
import { PanelView, type PanelViewProps } from './panel-view.tsx';
import { SetAsideCounts } from './set-aside.tsx';

/** Where a view's windows have no common length: what its time axis moves by. */
const DEFAULT_WINDOW_MS = 10_000;
const ZONES = [
  { label: 'Local', value: 'local' },
  { label: 'UTC', value: 'utc' },
] as const;
const CONNECTIONS = { connecting: 'connecting', live: 'live', lost: 'connection lost' } as const;

/** The page of one pipeline: its answer, the charts that explain it, the rows behind them. */
export function PipelinePage({
  pipeline,
  onSettings,
}: {
  readonly pipeline: PipelineDescription;
  readonly onSettings: (search: string) => void;
}) {
  const settings = useSettings();
  const { zone } = settings;
  const panels = useMemo(() => panelsOf(pipeline), [pipeline]);
  const rangeMs = settings.rangeMs ?? defaultRangeMs(windowMsOf(panels.main));
  const live = useLiveViews(pipeline, rangeMs);
  const cursor = useMemo(() => new Cursor(), []);
  const counts = live.heartbeat?.setAside[pipeline.name];

  return (
    <StoresContext value={live.stores}>
      <CursorContext value={cursor}>
        <title>{`${pipeline.name} · Millrace`}</title>
        <main className="page">
          <div className="controls">
            <p className={`connection connection--${live.connection}`} role="status">
              {CONNECTIONS[live.connection]}
            </p>
            <SetAsideCounts pipeline={pipeline.name} counts={counts} />
            <Choice
              label="Time range"
              options={RANGES.map((range) => ({ label: range.label, value: range.rangeMs }))}
              value={rangeMs}
              onChange={(chosen: number) => onSettings(writeSettings({ ...settings, rangeMs: chosen }))}
            />
            <Choice
              label="Time zone"
              options={ZONES}
              value={zone}
              onChange={(chosen: Zone) => onSettings(writeSettings({ ...settings, zone: chosen }))}
            />
          </div>
          {panels.answer !== undefined && (
            <AnswerLine
              panel={panels.answer.panel}
              view={panels.answer.view}
              windowMs={windowMsOf(panels.answer.view)}
            />
          )}
          {live.error !== null && <Notice title="History cannot be read" detail={live.error.message} />}
          {live.truncated && (
            <Notice
              title="Not all rows of this range are shown"
              detail="A view has more than a page takes; choose a shorter range for all of them."
            />
          )}
          {live.isLoading && live.error === null ? (
            <div className="panels" aria-label="Loading" role="status">
              {panels.others.map((_panel, index) => (
                <div key={index} className={index === 0 ? 'skeleton panel--wide' : 'skeleton'} />
              ))}
            </div>
          ) : (
            <>
              <Findings pipeline={pipeline} panels={panels.findings} rangeMs={rangeMs} />
              <Panels pipeline={pipeline} panels={panels.others} rangeMs={rangeMs} />
            </>
          )}
          <details className="made-of">
            <summary>How these numbers are made</summary>
            <pre tabIndex={0}>{pipeline.topology}</pre>
          </details>
        </main>
      </CursorContext>
    </StoresContext>
  );
}

interface PanelOfView {
  readonly panel: Exclude<Panel, AnswerPanel>;
  readonly view: ViewDescription;
}

/** A page's panels in their order: the answer, findings, the charts, and the rows behind the answer where no other table is asked for. */
function panelsOf(pipeline: PipelineDescription) {
  const all = pipeline.views.flatMap((view) => view.panels.map((panel) => ({ panel, view })));
  const answer = all.find(
    (entry): entry is { panel: AnswerPanel; view: ViewDescription } => entry.panel.type === 'answer',
  );
  const others = all.filter((entry): entry is PanelOfView => entry.panel.type !== 'answer');
  const findings = others.filter(({ panel }) => panel.type === 'findings');
  const charts = others.filter(({ panel }) => panel.type !== 'table' && panel.type !== 'findings');
  const tables = others.filter(({ panel }) => panel.type === 'table');
  const main = answer?.view ?? pipeline.views[0];
  if (tables.length === 0 && main !== undefined) tables.push({ panel: table(), view: main });
  return { answer, main, findings, others: [...charts, ...tables] };
}

const windowMsOf = (view: ViewDescription | undefined): number => view?.windowMs ?? DEFAULT_WINDOW_MS;

interface PanelsProps {
  readonly pipeline: PipelineDescription;
  readonly panels: readonly PanelOfView[];
  readonly rangeMs: number;
}

/** What needs a person stands above what explains it. */
function Findings({ pipeline, panels, rangeMs }: PanelsProps) {
  if (panels.length === 0) return null;
  return (
    <div className="findings">
      {panels.map(({ panel, view }) => (
        <RangedPanel
          key={view.name}
          panel={panel}
          view={view}
          rangeMs={rangeMs}
          wide
          topic={`${pipeline.name}.${view.name}`}
        />
      ))}
    </div>
  );
}

function Panels({ pipeline, panels, rangeMs }: PanelsProps) {
  const hasRows = useHasRowsSince(useNow(1_000) - rangeMs);
  if (!hasRows) return <EmptyState pipeline={pipeline.name} />;
  return (
    <div className="panels">
      {panels.map(({ panel, view }, index) => (
        <RangedPanel
          key={`${view.name}/${index}`}
          panel={panel}
          view={view}
          rangeMs={rangeMs}
          wide={isWide(index, panels)}
          topic={`${pipeline.name}.${view.name}`}
        />
      ))}
    </div>
  );
}

/** A panel over the page's range in whole windows of its view; it moves on when a window begins. */
function RangedPanel({
  view,
  rangeMs,
  ...rest
}: Omit<PanelViewProps, 'range' | 'windowMs'> & { readonly rangeMs: number }) {
  const windowMs = windowMsOf(view);
  const { fromMs, toMs } = rangeAt(useNow(1_000), shownMs(rangeMs, windowMs), windowMs);
  const range = useMemo(() => ({ fromMs, toMs }), [fromMs, toMs]);
  return <PanelView view={view} range={range} windowMs={windowMs} {...rest} />;
}

/** The first panel is the widest; the last one before the tables fills its row where it would stand alone in it. */
function isWide(index: number, panels: readonly PanelOfView[]): boolean {
  const charts = panels.filter(({ panel }) => panel.type !== 'table').length;
  return index === 0 || (index === charts - 1 && charts % 2 === 0);
}
