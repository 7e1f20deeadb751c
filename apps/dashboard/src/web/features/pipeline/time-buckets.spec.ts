import { describe, expect, it } from '@jest/globals';
import { timeSeries, type ResultRow } from '@millrace/views';
import { OTHER, timeBuckets } from './time-buckets.ts';

const row = (windowStart: number, more: Partial<ResultRow>): ResultRow => ({
  windowStart,
  windowEnd: windowStart + 10,
  state: 'final',
  revision: 0,
  watermark: 0,
  ...more,
});
const range = { fromMs: 0, toMs: 100 };

describe('timeBuckets', () => {
  it('has a bucket per window with data, and none where there is no data', () => {
    const rows = [row(0, { n: 1 }), row(30, { n: 3, state: 'filling' }), row(100, { n: 9 })];
    const { buckets } = timeBuckets(timeSeries({ y: 'n' }), rows, { range, barMs: 10 });
    expect(
      buckets.map(({ startMs, endMs, values, state }) => [startMs, endMs, values.get('n'), state]),
    ).toEqual([
      [0, 10, 1, 'final'],
      [30, 40, 3, 'filling'],
    ]);
  });

  it('puts windows together as the panel says, as complete as the least complete of them', () => {
    const rows = [
      row(0, { n: 1, p: 5 }),
      row(10, { n: 2, p: 3, state: 'revised', revision: 2 }),
      row(20, { n: 4, p: 1 }),
    ];
    const of = (y: string, combine?: 'max') =>
      timeBuckets(timeSeries({ y, ...(combine ? { combine } : {}) }), rows, { range, barMs: 20 }).buckets;
    expect(of('n').map(({ values, windows, state }) => [values.get('n'), windows, state])).toEqual([
      [3, 2, 'revised'],
      [4, 1, 'final'],
    ]);
    expect(of('n')[0]?.revision).toBe(2);
    expect(of('p', 'max').map(({ values }) => values.get('p'))).toEqual([5, 1]);
  });

  it('keeps the largest series and sums the others', () => {
    const rows = ['a', 'b', 'c', 'd'].map((path, index) => row(0, { path, n: 10 ** index }));
    const panel = timeSeries({ y: 'n', series: 'path', top: 2 });
    const { buckets, series } = timeBuckets(panel, rows, { range, barMs: 10 });
    expect(series.map(({ name }) => name)).toEqual(['d', 'c', OTHER]);
    expect([...(buckets[0]?.values ?? [])].sort()).toEqual([
      ['c', 100],
      ['d', 1_000],
      [OTHER, 11],
    ]);
  });

  it('does not sum what cannot be added: the smaller series are left out', () => {
    const rows = ['a', 'b'].map((path, index) => row(0, { path, p: index }));
    const panel = timeSeries({ y: 'p', series: 'path', top: 1, combine: 'max' });
    const { buckets, series } = timeBuckets(panel, rows, { range, barMs: 10 });
    expect(series.map(({ name }) => name)).toEqual(['b']);
    expect(buckets[0]?.values).toEqual(new Map([['b', 1]]));
  });

  it('takes any text as the name of a series', () => {
    const panel = timeSeries({ y: 'n', series: 'path' });
    const { buckets } = timeBuckets(panel, [row(0, { path: '__proto__', n: 2 })], { range, barMs: 10 });
    expect(buckets[0]?.values.get('__proto__')).toBe(2);
  });
});
