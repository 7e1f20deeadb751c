import type { BarsPanel, ResultRow } from '@millrace/views';
import type { TimeRange } from '../../lib/time-range.ts';
import { combineNumbers, numberIn } from './combine.ts';

const DEFAULT_TOP = 10;

/** One bar of a ranking. */
export interface Ranked {
  readonly name: string;
  readonly value: number;
  /** Part of it lies in windows that are still filling. */
  readonly filling: number;
}

/**
 * The largest categories of `range`, and how many there are in all: by the panel's `by` column, or out of lists of
 * `{ value, count }` (top-N aggregates), whose counts are added over windows: a category that is outside of a window's
 * list is missing there, so that such a ranking counts at least what it shows.
 */
export function ranking(
  panel: BarsPanel,
  rows: readonly ResultRow[],
  range: TimeRange,
): { ranked: Ranked[]; categories: number } {
  const cells = new Map<string, { all: number[]; filling: number[] }>();
  const note = (name: string, value: number | null, isFilling: boolean) => {
    if (value === null) return;
    const cell = cells.get(name) ?? { all: [], filling: [] };
    cell.all.push(value);
    if (isFilling) cell.filling.push(value);
    cells.set(name, cell);
  };
  for (const row of rows) {
    if (row.windowStart < range.fromMs || row.windowStart >= range.toMs) continue;
    const isFilling = row.state === 'filling';
    if (panel.by !== undefined) note(String(row[panel.by] ?? '–'), numberIn(row, panel.y), isFilling);
    else for (const { value, count } of entriesIn(row, panel.y)) note(value, count, isFilling);
  }
  const ranked = [...cells].map(([name, { all, filling }]) => ({
    name,
    value: combineNumbers(all, panel.combine) ?? 0,
    filling: panel.combine === undefined || panel.combine === 'sum' ? (combineNumbers(filling) ?? 0) : 0,
  }));
  ranked.sort((a, b) => b.value - a.value || a.name.localeCompare(b.name));
  return { ranked: ranked.slice(0, panel.top ?? DEFAULT_TOP), categories: ranked.length };
}

function entriesIn(row: ResultRow, field: string): { value: string; count: number }[] {
  const list = row[field];
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const { value, count } = (entry ?? {}) as { value?: unknown; count?: unknown };
    return typeof count === 'number' ? [{ value: String(value ?? '–'), count }] : [];
  });
}
