import { useMemo } from 'react';
import { formatDuration, formatNumber, type BarsPanel, type ViewDescription } from '@millrace/views';
import { Hatch } from '../../../components/charts/hatch.tsx';
import type { TimeRange } from '../../../lib/time-range.ts';
import { useRows } from '../../../lib/use-view.ts';
import { PanelCard } from '../panel-card.tsx';
import { ranking } from '../ranking.ts';
import { fieldTitle, unitWords } from '../titles.ts';
import { NumbersTable } from './numbers-table.tsx';

const HATCH = 'hatch-ranking';

/** The largest categories of the page's range, one bar each. */
export function BarsCard({
  panel,
  view,
  range,
}: {
  readonly panel: BarsPanel;
  readonly view: ViewDescription;
  readonly range: TimeRange;
}) {
  const rows = useRows(view.name);
  const { ranked, categories } = useMemo(() => ranking(panel, rows, range), [panel, rows, range]);
  const column = view.columns.find(({ name }) => name === panel.y);
  const unit = panel.unit ?? column?.unit;
  const by = panel.by === undefined ? '' : ` by ${fieldTitle(panel.by).toLowerCase()}`;
  const title = `${panel.title ?? `${fieldTitle(panel.y)}${by}`}${unitWords(unit, column)} in ${formatDuration(range.toMs - range.fromMs)}`;
  const greatest = ranked[0]?.value ?? 0;
  return (
    <PanelCard
      title={title}
      readout={categories > ranked.length ? `the largest ${ranked.length} of ${categories}` : undefined}
      chart={
        <ol className="ranking">
          {ranked.map(({ name, value, filling }) => (
            <li key={name}>
              <span className="ranking__name" title={name}>
                {name}
              </span>
              <svg className="ranking__bar" aria-hidden="true" preserveAspectRatio="none">
                <defs>
                  <Hatch id={HATCH} color="var(--accent)" />
                </defs>
                <rect width={`${share(value - filling, greatest)}%`} height="100%" fill="var(--accent)" />
                <rect
                  x={`${share(value - filling, greatest)}%`}
                  width={`${share(filling, greatest)}%`}
                  height="100%"
                  fill={`url(#${HATCH})`}
                />
              </svg>
              <span className="ranking__value">{formatNumber(value, unit)}</span>
            </li>
          ))}
        </ol>
      }
      table={
        <NumbersTable
          caption={title}
          head={[
            panel.by === undefined ? 'Value' : fieldTitle(panel.by),
            fieldTitle(panel.y),
            'of it filling',
          ]}
          rows={ranked.map(({ name, value, filling }) => ({
            key: name,
            cells: [name, formatNumber(value, unit), formatNumber(filling, unit)],
          }))}
        />
      }
    />
  );
}

const share = (value: number, greatest: number): number => (greatest > 0 ? (value / greatest) * 100 : 0);
