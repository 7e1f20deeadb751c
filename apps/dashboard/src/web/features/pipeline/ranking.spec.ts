import { describe, expect, it } from '@jest/globals';
import { bars, type ResultRow } from '@millrace/views';
import { ranking } from './ranking.ts';

const row = (windowStart: number, more: Partial<ResultRow>): ResultRow => ({
  windowStart,
  windowEnd: windowStart + 10,
  state: 'final',
  revision: 0,
  watermark: 0,
  ...more,
});
const range = { fromMs: 0, toMs: 100 };

describe('ranking', () => {
  it('adds a category over the windows of the range and tells what of it is filling', () => {
    const rows = [
      row(0, { path: '/a', n: 5 }),
      row(0, { path: '/b', n: 7 }),
      row(90, { path: '/a', n: 3, state: 'filling' }),
      row(100, { path: '/c', n: 99 }),
    ];
    expect(ranking(bars({ y: 'n', by: 'path', top: 1 }), rows, range)).toEqual({
      ranked: [{ name: '/a', value: 8, filling: 3 }],
      categories: 2,
    });
  });

  it('reads the lists of a top-N aggregate', () => {
    const rows = [
      row(0, {
        top: [
          { value: '/a', count: 2, error: 0 },
          { value: '/b', count: 1 },
        ],
      }),
      row(10, { top: [{ value: '/b', count: 4 }, null, 'junk'] }),
      row(20, { top: null }),
    ];
    expect(ranking(bars({ y: 'top' }), rows, range).ranked).toEqual([
      { name: '/b', value: 5, filling: 0 },
      { name: '/a', value: 2, filling: 0 },
    ]);
  });
});
