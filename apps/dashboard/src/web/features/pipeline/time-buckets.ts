import type { ResultRow, RowState, TimeSeriesPanel } from '@millrace/views';
import type { TimeRange } from '../../lib/time-range.ts';
import { combineNumbers, combineStates, numberIn } from './combine.ts';

/** One bar's or point's time `[startMs, endMs)` and its value per series; a series that is not there has no entry. */
export interface Bucket {
  readonly startMs: number;
  readonly endMs: number;
  readonly values: ReadonlyMap<string, number>;
  readonly state: RowState;
  /** Windows in it, and the greatest revision of them. */
  readonly windows: number;
  readonly revision: number;
}

export interface Series {
  readonly name: string;
  /** What stands behind its value: a field, or a value of the panel's series column. */
  readonly total: number;
}

/** Name of what the series beyond the largest `top` are summed to. */
export const OTHER = 'other';

/**
 * The buckets of `barMs` that the rows of `range` make, gaps left out, and their series, largest first where the panel
 * has a series column, else in the panel's order.
 */
export function timeBuckets(
  panel: TimeSeriesPanel,
  rows: readonly ResultRow[],
  { range, barMs }: { range: TimeRange; barMs: number },
): { buckets: Bucket[]; series: Series[] } {
  const inRange = rows.filter(({ windowStart }) => windowStart >= range.fromMs && windowStart < range.toMs);
  const seriesOf = (row: ResultRow, field: string) =>
    panel.series === undefined ? field : String(row[panel.series] ?? '–');
  const totals = new Map<string, number>();
  if (panel.series === undefined) for (const field of panel.y) totals.set(field, 0);
  for (const row of inRange) {
    for (const field of panel.y) {
      const name = seriesOf(row, field);
      totals.set(name, (totals.get(name) ?? 0) + (numberIn(row, field) ?? 0));
    }
  }
  let series = [...totals].map(([name, total]) => ({ name, total }));
  if (panel.series !== undefined) series.sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
  const isSum = panel.combine === undefined || panel.combine === 'sum';
  const shown = new Set(series.slice(0, panel.top ?? series.length).map(({ name }) => name));
  const rest = series.slice(shown.size);
  series = series.slice(0, shown.size);
  if (rest.length > 0 && isSum) {
    series.push({ name: OTHER, total: rest.reduce((sum, { total }) => sum + total, 0) });
  }

  const byStart = Map.groupBy(
    inRange,
    ({ windowStart }) => range.fromMs + Math.floor((windowStart - range.fromMs) / barMs) * barMs,
  );
  const buckets = [...byStart].map(([startMs, members]): Bucket => {
    const cells = new Map<string, (number | null)[]>();
    for (const row of members) {
      for (const field of panel.y) {
        const name = seriesOf(row, field);
        const target = shown.has(name) ? name : isSum && rest.length > 0 ? OTHER : undefined;
        if (target === undefined) continue;
        const list = cells.get(target);
        if (list === undefined) cells.set(target, [numberIn(row, field)]);
        else list.push(numberIn(row, field));
      }
    }
    const values = new Map<string, number>();
    for (const [name, list] of cells) {
      const value = combineNumbers(list, panel.combine);
      if (value !== null) values.set(name, value);
    }
    return {
      startMs,
      endMs: startMs + barMs,
      values,
      state: combineStates(members.map(({ state }) => state)),
      windows: new Set(members.map(({ windowStart }) => windowStart)).size,
      revision: Math.max(...members.map(({ revision, state }) => (state === 'revised' ? revision : 0))),
    };
  });
  return { buckets: buckets.sort((a, b) => a.startMs - b.startMs), series };
}
