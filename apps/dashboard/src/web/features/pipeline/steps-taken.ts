import type { ResultRow, StepsPanel } from '@millrace/views';
import type { TimeRange } from '../../lib/time-range.ts';
import { combineNumbers, numberIn } from './combine.ts';

/** One bar of a steps panel. */
export interface StepTaken {
  readonly field: string;
  readonly count: number;
  /** Part of it lies in windows that are still filling. */
  readonly filling: number;
  /** Its share of the step before and of the first one; null where there is none, or nobody took it. */
  readonly ofPrevious: number | null;
  readonly ofFirst: number | null;
}

/** How many took each step in the windows of `range`, in the panel's order; empty without any window. */
export function stepsTaken(panel: StepsPanel, rows: readonly ResultRow[], range: TimeRange): StepTaken[] {
  const inRange = rows.filter(({ windowStart }) => windowStart >= range.fromMs && windowStart < range.toMs);
  if (inRange.length === 0) return [];
  const total = (field: string, of: readonly ResultRow[]) =>
    combineNumbers(of.map((row) => numberIn(row, field))) ?? 0;
  const filling = inRange.filter(({ state }) => state === 'filling');
  const counts = panel.y.map((field) => total(field, inRange));
  const share = (count: number, of: number | undefined) => (of ? count / of : null);
  return panel.y.map((field, at) => ({
    field,
    count: counts[at] ?? 0,
    filling: total(field, filling),
    ofPrevious: share(counts[at] ?? 0, counts[at - 1]),
    ofFirst: at === 0 ? null : share(counts[at] ?? 0, counts[0]),
  }));
}
