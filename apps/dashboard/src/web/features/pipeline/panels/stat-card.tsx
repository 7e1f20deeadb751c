import { formatDuration, formatNumber, type StatPanel, type ViewDescription } from '@millrace/views';
import { useMemo } from 'react';
import { lastWindows, type TimeRange } from '../../../lib/time-range.ts';
import { useRows } from '../../../lib/use-view.ts';
import { combineNumbers, combineStates, numberIn } from '../combine.ts';
import { PanelCard } from '../panel-card.tsx';
import { StateMark } from '../state-mark.tsx';
import { fieldTitle } from '../titles.ts';

/** One number over the last windows, or over the page's range. */
export function StatCard({
  panel,
  view,
  range,
  windowMs,
}: {
  readonly panel: StatPanel;
  readonly view: ViewDescription;
  readonly range: TimeRange;
  readonly windowMs: number;
}) {
  const rows = useRows(view.name);
  const over = panel.overMs === undefined ? range : lastWindows(range.toMs - 1, panel.overMs, windowMs);
  const { fromMs, toMs } = over;
  const inRange = useMemo(
    () => rows.filter(({ windowStart }) => windowStart >= fromMs && windowStart < toMs),
    [rows, fromMs, toMs],
  );
  const of = (field: string) =>
    combineNumbers(
      inRange.map((row) => numberIn(row, field)),
      panel.combine,
    );
  const value = of(panel.y);
  const divisor = panel.of === undefined ? 1 : of(panel.of);
  const unit =
    panel.unit ??
    (panel.of === undefined ? view.columns.find(({ name }) => name === panel.y)?.unit : 'ratio');
  const shown = value === null || divisor === null || divisor === 0 ? null : value / divisor;
  return (
    <PanelCard
      title={`${panel.title ?? fieldTitle(panel.y)} in ${formatDuration(toMs - fromMs)}`}
      readout={
        inRange.length > 0 ? (
          <StateMark state={combineStates(inRange.map(({ state }) => state))} />
        ) : undefined
      }
      chart={<p className="stat">{formatNumber(shown, unit)}</p>}
    />
  );
}
