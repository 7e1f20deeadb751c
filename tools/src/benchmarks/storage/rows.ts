import type { Column, Row, Table } from '@millrace/storage';

const columns: readonly Column[] = [
  { name: 'page', type: 'string', nullable: false },
  { name: 'windowStart', type: 'timestamp', nullable: false },
  { name: 'windowEnd', type: 'timestamp', nullable: false },
  { name: 'views', type: 'long', nullable: false },
  { name: 'visitors', type: 'long', nullable: false },
  { name: 'p95_load_ms', type: 'double', nullable: true },
  { name: 'state', type: 'string', nullable: false },
  { name: 'revision', type: 'long', nullable: false },
];

/** Results of a windowed view, as a sink has them. */
export function resultTable(name: string): Table {
  return { name, columns, key: ['page'], time: 'windowStart' };
}

const start = Date.parse('2026-11-22T00:00:00Z');

/** `count` results: 50 pages a minute, ten-second windows. */
export function resultRows(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const windowStart = start + Math.floor(index / 50) * 10_000;
    return {
      page: `/products/${index % 50}`,
      windowStart,
      windowEnd: windowStart + 10_000,
      views: (index * 7919) % 1_000,
      visitors: (index * 104_729) % 500,
      p95_load_ms: ((index * 31) % 5_000) / 10,
      state: 'final',
      revision: index % 3,
    };
  });
}

const clickColumns: readonly Column[] = [
  { name: 'event_type', type: 'string', nullable: false },
  { name: 'page', type: 'string', nullable: false },
  { name: 'user_id', type: 'string', nullable: false },
  { name: 'event_time', type: 'timestamp', nullable: false },
  { name: 'load_ms', type: 'double', nullable: true },
  { name: 'product_id', type: 'long', nullable: true },
];

/** Raw click events: the columns, and a maker of them from a seed. */
export const clicks = {
  columns: clickColumns,
  make: (count: number): Row[] => {
    let state = 20_261_122;
    const random = (): number => (state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
    const types = ['page_view', 'page_view', 'page_view', 'add_to_cart', 'purchase'];
    return Array.from({ length: count }, (_, index) => ({
      event_type: types[Math.floor(random() * types.length)],
      page: `/products/${Math.floor(random() * 50)}`,
      user_id: `user-${Math.floor(random() * 10_000)}`,
      event_time: start + index * 5 + Math.floor(random() * 2_000),
      load_ms: random() < 0.1 ? null : Math.round(random() * 3_000) / 10,
      product_id: random() < 0.5 ? null : Math.floor(random() * 1_000),
    }));
  },
};
