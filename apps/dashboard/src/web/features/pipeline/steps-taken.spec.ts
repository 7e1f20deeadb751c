import { describe, expect, it } from '@jest/globals';
import { steps, type ResultRow } from '@millrace/views';
import { stepsTaken } from './steps-taken.ts';

const row = (windowStart: number, more: Partial<ResultRow>): ResultRow => ({
  windowStart,
  windowEnd: windowStart + 10,
  state: 'final',
  revision: 0,
  watermark: 0,
  ...more,
});
const range = { fromMs: 0, toMs: 100 };
const panel = steps({ y: ['viewed', 'ordered', 'paid'] });

describe('stepsTaken', () => {
  it('adds each step over the windows of the range, with its share of the step before and of the first', () => {
    const rows = [
      row(0, { viewed: 60, ordered: 15, paid: 5 }),
      row(90, { viewed: 40, ordered: 5, paid: null, state: 'filling' }),
      row(100, { viewed: 999, ordered: 999, paid: 999 }),
    ];
    expect(stepsTaken(panel, rows, range)).toEqual([
      { field: 'viewed', count: 100, filling: 40, ofPrevious: null, ofFirst: null },
      { field: 'ordered', count: 20, filling: 5, ofPrevious: 0.2, ofFirst: 0.2 },
      { field: 'paid', count: 5, filling: 0, ofPrevious: 0.25, ofFirst: 0.05 },
    ]);
  });

  it('has no share of a step that nobody took, and no steps without windows', () => {
    expect(stepsTaken(panel, [row(0, { viewed: 0 })], range).map(({ ofPrevious }) => ofPrevious)).toEqual([
      null,
      null,
      null,
    ]);
    expect(stepsTaken(panel, [], range)).toEqual([]);
  });
});
