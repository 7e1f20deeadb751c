import { describe, expect, it } from '@jest/globals';
import type { Table } from '@millrace/storage';
import { compareRows } from './compare.ts';

const table: Table = {
  name: 'pages',
  columns: [
    { name: 'page', type: 'string', nullable: false },
    { name: 'windowStart', type: 'timestamp', nullable: false },
    { name: 'views', type: 'long', nullable: true },
    { name: 'top', type: 'json', nullable: true },
    { name: 'state', type: 'string', nullable: false },
  ],
  key: ['page'],
  time: 'windowStart',
};
const row = (page: string, views: number | null, more = {}) => ({
  page,
  windowStart: 0,
  views,
  top: [{ a: 1 }],
  state: 'final',
  ...more,
});

describe('compareRows', () => {
  it('takes rows for equal whatever their progress and order', () => {
    const stored = [row('/b', null, { state: 'revised' }), row('/a', 1)];
    const { top: _, ...bare } = row('/b', null);
    expect(
      compareRows(table, [row('/a', 1), { ...bare, views: undefined, top: [{ a: 1 }] }], stored),
    ).toEqual({
      equal: 2,
      different: 0,
      onlyBatch: 0,
      onlyStored: 0,
      differences: [],
    });
  });

  it('names each row that differs, by its column or its side', () => {
    const { differences, ...counts } = compareRows(
      table,
      [row('/a', 1), row('/b', 2, { top: [] }), row('/c', 3)],
      [row('/a', 2), row('/b', 2), row('/d', 4)],
    );
    expect(counts).toEqual({ equal: 0, different: 2, onlyBatch: 1, onlyStored: 1 });
    expect(differences).toMatchObject([
      { row: { page: '/a', windowStart: 0 }, column: 'views', batch: 1, stored: 2 },
      { row: { page: '/b' }, column: 'top' },
      { row: { page: '/c' }, stored: undefined },
      { row: { page: '/d' }, batch: undefined },
    ]);
  });
});
