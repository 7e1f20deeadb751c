import assert from 'node:assert/strict';
import type { Row } from '../contract.ts';
import { assertRows, rejection, viewRow, views } from './suite.ts';
import type { Context, TestFramework } from './suite.ts';

/** Text that has broken a store or a query somewhere. */
const awkward = [
  '',
  ' ',
  "O'Brien",
  '"quoted"',
  '\\',
  "'; DROP TABLE users; --",
  '$1 ? %s {0} :name',
  'a\tb\nc\rd',
  '\\N',
  '\\.',
  'ß→🐢',
  '\u{10FFFF}\uE000',
  'null',
  '*/ --',
  '{"a":1}',
  'x:y|z',
];

export function writeTests({ describe, it }: TestFramework, context: Context): void {
  describe('writing', () => {
    it('gives back every value of every type as it was', async () => {
      const table = context.table('every_type', {
        columns: [
          { name: 'id', type: 'long', nullable: false },
          { name: 'at', type: 'timestamp', nullable: false },
          { name: 'text', type: 'string', nullable: true },
          { name: 'whole', type: 'long', nullable: true },
          { name: 'real', type: 'double', nullable: true },
          { name: 'flag', type: 'boolean', nullable: true },
          { name: 'then', type: 'timestamp', nullable: true },
          { name: 'data', type: 'json', nullable: true },
        ],
        key: ['id'],
        time: 'at',
      });
      const empty = { text: null, whole: null, real: null, flag: null, then: null, data: null };
      const values: Row[] = [
        {},
        ...awkward.map((text) => ({ text, data: { [text]: [text] } })),
        ...[0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER].map((whole) => ({ whole })),
        ...[0, 5, -0.1, 1e-300, Number.MAX_VALUE, Number.MIN_VALUE, 0.1 + 0.2].map((real) => ({ real })),
        { flag: true },
        { flag: false },
        ...[0, -1, 1_700_000_000_123, 253_402_300_799_999].map((then) => ({ then })),
        ...[[], {}, [1, 'a', null, true, { b: [0.5] }], 'text', 5, false, { a: null }].map((data) => ({
          data,
        })),
      ];
      const rows = values.map((value, index) => ({ id: index % 3, at: index - 10, ...empty, ...value }));
      await context.adapter().ensureTable(table);
      await context.adapter().upsert(table, rows);
      assertRows(await context.adapter().read(table), rows);
    });

    it('takes the same call twice, and keeps the last row of an identity', async () => {
      const table = context.table('idempotent', views);
      await context.adapter().ensureTable(table);
      const rows = [viewRow('/', 0, 1, 5), viewRow('/a', 0, 2), viewRow('/', 0, 3), viewRow('/', 10, 4)];
      const kept = [viewRow('/', 0, 3), viewRow('/a', 0, 2), viewRow('/', 10, 4)];
      await context.adapter().upsert(table, rows);
      assertRows(await context.adapter().read(table), kept);
      await context.adapter().upsert(table, rows);
      assertRows(await context.adapter().read(table), kept);
      await context.adapter().upsert(table, []);
      assertRows(await context.adapter().read(table), kept);
    });

    it('keeps text keys apart that are nearly the same', async () => {
      const table = context.table('near_keys', views);
      await context.adapter().ensureTable(table);
      const rows = [...awkward, 'a', 'A', 'a ', 'é', 'e\u0301', 'ss', 'İ', 'i', '0', '00', '-0']
        .map((page, index) => viewRow(page, 0, index))
        .sort((a, b) => Buffer.compare(Buffer.from(String(a['page'])), Buffer.from(String(b['page']))));
      await context.adapter().upsert(table, rows);
      assertRows(await context.adapter().read(table), rows);
      for (const row of rows) {
        assertRows(await context.adapter().read(table, { key: { page: row['page'] } }), [row]);
      }
    });

    it('writes thousands of rows at once', async () => {
      const table = context.table('many', views);
      await context.adapter().ensureTable(table);
      const rows = Array.from({ length: 5_000 }, (_, index) =>
        viewRow(`/page/${String(index % 100).padStart(2, '0')}`, Math.floor(index / 100) * 60_000, index),
      );
      await context.adapter().upsert(table, rows);
      assertRows(await context.adapter().read(table), rows);
    });

    it('removes what a key names, and nothing else', async () => {
      const table = context.table('removed', views);
      await context.adapter().ensureTable(table);
      await context.adapter().upsert(table, [viewRow('/', 0, 1), viewRow('/', 1, 2), viewRow('/a', 0, 3)]);
      const keys = [
        { page: '/', windowStart: 0 },
        { page: '/none', windowStart: 0 },
      ];
      await context.adapter().remove(table, keys);
      await context.adapter().remove(table, keys);
      assertRows(await context.adapter().read(table), [viewRow('/a', 0, 3), viewRow('/', 1, 2)]);
      await context.adapter().upsert(table, [viewRow('/', 0, 9)]);
      assertRows(await context.adapter().read(table), [
        viewRow('/', 0, 9),
        viewRow('/a', 0, 3),
        viewRow('/', 1, 2),
      ]);
    });

    it('deletes rows before a time', async () => {
      const table = context.table('retained', views);
      await context.adapter().ensureTable(table);
      const day = 86_400_000;
      const rows = [-day, -1, 0, 1, day, 40 * day].map((at) => viewRow('/', at, 1));
      await context.adapter().upsert(table, rows);
      await context.adapter().deleteBefore(table, 1);
      assertRows(await context.adapter().read(table), rows.slice(3));
      await context.adapter().deleteBefore(table, 40 * day);
      assertRows(await context.adapter().read(table), rows.slice(5));
    });

    it('keeps tables apart', async () => {
      const one = context.table('apart', views);
      const other = context.table('apart_too', views);
      await context.adapter().ensureTable(one);
      await context.adapter().ensureTable(other);
      await context.adapter().upsert(one, [viewRow('/', 0, 1)]);
      await context.adapter().upsert(other, [viewRow('/', 0, 2)]);
      assertRows(await context.adapter().read(one), [viewRow('/', 0, 1)]);
      assertRows(await context.adapter().read(other), [viewRow('/', 0, 2)]);
    });

    it('shows at once what another side wrote, and keeps it when closed if it is durable', async () => {
      if (!context.adapter().capabilities.durable) return;
      const table = context.table('durable', views);
      const other = await context.open();
      await other.ensureTable(table);
      await context.adapter().ensureTable(table);
      await other.upsert(table, [viewRow('/', 0, 1)]);
      assertRows(await context.adapter().read(table), [viewRow('/', 0, 1)]);
      await other.close();
      await other.close();
      assertRows(await context.adapter().read(table), [viewRow('/', 0, 1)]);
      await rejection(other.upsert(table, [viewRow('/', 0, 2)]), 'STORAGE_CLOSED');
      assert.equal((await other.health()).ok, false);
    });
  });
}
