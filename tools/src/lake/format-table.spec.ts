import { describe, expect, it } from '@jest/globals';
import { formatTable } from './format-table.ts';

describe('formatTable', () => {
  it('aligns text to the left and numbers to the right, and shows what is not there', () => {
    const rows = [
      ['/', 1200, null],
      ['/products', 7n, { a: [1n] }],
    ];
    expect(formatTable(['page', 'n', 'x'], rows).split('\n')).toEqual([
      'page          n  x',
      '─────────  ────  ─────────',
      '/          1200  –',
      '/products     7  {"a":[1]}',
      '(2 rows)',
    ]);
  });
});
