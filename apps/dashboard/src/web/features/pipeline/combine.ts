import type { Combine, ResultRow, RowState } from '@millrace/views';

/** The number in a cell; null where there is none. */
export function numberIn(row: ResultRow, field: string): number | null {
  const value = row[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** One number out of several windows' numbers, those that are not there left out; null when none is. */
export function combineNumbers(values: readonly (number | null)[], how: Combine = 'sum'): number | null {
  const there = values.filter((value) => value !== null);
  if (there.length === 0) return null;
  const sum = () => there.reduce((total, value) => total + value, 0);
  switch (how) {
    case 'sum':
      return sum();
    case 'mean':
      return sum() / there.length;
    case 'max':
      return there.reduce((a, b) => Math.max(a, b));
    case 'min':
      return there.reduce((a, b) => Math.min(a, b));
    case 'last':
      return there.at(-1) ?? null;
  }
}

/** How complete several windows are together: as the least complete of them. */
export function combineStates(states: readonly RowState[]): RowState {
  if (states.includes('filling')) return 'filling';
  return states.includes('revised') ? 'revised' : 'final';
}
