import assert from 'node:assert/strict';
import type { Row } from '../contract.ts';
import { assertRows, rejection, viewRow, views } from './suite.ts';
import type { Context, TestFramework } from './suite.ts';

/** Commands in the language of one store or another, as text that somebody sends. */
const commands = (victim: string): string[] => [
  `'; DROP TABLE "${victim}"; --`,
  `'); DELETE FROM "${victim}"; --`,
  `" ; TRUNCATE "${victim}" ; --`,
  `x' OR '1'='1`,
  `\\'; DROP TABLE ${victim}; --`,
  `$$; DROP TABLE ${victim}; $$`,
  '\r\nFLUSHALL\r\n',
  '*1\r\n$8\r\nFLUSHALL\r\n',
  `]]; redis.call('FLUSHALL') --[[`,
  `{${victim}}:row:*`,
  '../../escape',
  '%00%2e%2e%2f',
  '__proto__',
  'constructor',
];

export function refusalTests({ describe, it }: TestFramework, context: Context): void {
  describe('text that is a command somewhere', () => {
    it('stays text as a key, as a value and in JSON, and does nothing to another table', async () => {
      const victim = context.table('victim', views);
      const table = context.table('hostile', {
        ...views,
        columns: [
          ...views.columns,
          { name: 'said', type: 'string', nullable: true },
          { name: 'data', type: 'json', nullable: true },
        ],
      });
      for (const each of [victim, table]) await context.adapter().ensureTable(each);
      const kept = [viewRow('/', 0, 1), viewRow('/', 1, 2)];
      await context.adapter().upsert(victim, kept);
      const rows = commands(victim.name).map((text, index): Row => ({
        ...viewRow(text, index, index),
        said: text,
        data: { said: [text] },
      }));
      await context.adapter().upsert(table, rows);
      assertRows(await context.adapter().read(table), rows);
      for (const row of rows) {
        const key = { page: row['page'] };
        assertRows(await context.adapter().read(table, { key }), [row]);
        assertRows(await context.adapter().latest(table, { key }), [row]);
        await context.adapter().remove(table, [{ ...key, windowStart: row['windowStart'] }]);
      }
      assertRows(await context.adapter().read(table), []);
      assertRows(await context.adapter().read(victim), kept);
    });
  });

  describe('rows that do not fit', () => {
    const wrong: [string, Row][] = [
      ['null where there must be a value', { ...viewRow('/', 0, 1), views: null }],
      ['a missing key', { windowStart: 0, views: 1 }],
      ['text for a number', { ...viewRow('/', 0, 1), views: '1; DROP TABLE x' }],
      ['a fraction for a long', viewRow('/', 0, 1.5)],
      ['a number beyond 2^53', viewRow('/', 0, 2 ** 53)],
      ['NaN', viewRow('/', 0, 1, NaN)],
      ['infinity', viewRow('/', 0, 1, -Infinity)],
      ['an object for text', { ...viewRow('/', 0, 1), page: { toString: '/' } }],
      ['a lone surrogate', viewRow('a\uD800b', 0, 1)],
      ['a date as an object', { ...viewRow('/', 0, 1), windowStart: new Date(0) }],
      ['a fraction of a millisecond', viewRow('/', 0.5, 1)],
      ['a date beyond any calendar', viewRow('/', 1e16, 1)],
    ];
    for (const [what, row] of wrong) {
      it(`are refused whole and named: ${what}`, async () => {
        const table = context.table('refused', views);
        await context.adapter().ensureTable(table);
        const error = await rejection(
          context.adapter().upsert(table, [viewRow('/good', 0, 1), row, viewRow('/good', 1, 1), row]),
          'STORAGE_ROW',
        );
        assert.deepEqual(error.rows, [1, 3]);
        assert.equal(error.retriable, false);
        assertRows(await context.adapter().read(table), []);
      });
    }

    it('are those beyond the limits that the store states; at the limit they are taken', async () => {
      const { maxKeyBytes, maxTimestampMs, minTimestampMs, nulInText } = context.adapter().capabilities;
      const table = context.table('limits', {
        ...views,
        columns: [...views.columns, { name: 'data', type: 'json', nullable: true }],
      });
      await context.adapter().ensureTable(table);
      // Every third byte differs: a store that compresses its keys would take more of one letter.
      const page = Array.from({ length: maxKeyBytes }, (_, index) => ((index * 7919) % 36).toString(36)).join(
        '',
      );
      await rejection(context.adapter().upsert(table, [viewRow(`${page}x`, 0, 1)]), 'STORAGE_ROW');
      await rejection(
        context.adapter().upsert(table, [viewRow('ä'.repeat(maxKeyBytes), 0, 1)]),
        'STORAGE_ROW',
      );
      await rejection(
        context.adapter().upsert(table, [viewRow('/', maxTimestampMs + 1e3, 1)]),
        'STORAGE_ROW',
      );
      await rejection(
        context.adapter().upsert(table, [viewRow('/', minTimestampMs - 1e3, 1)]),
        'STORAGE_ROW',
      );
      const taken = [
        { ...viewRow('/min', minTimestampMs, 1), data: null },
        { ...viewRow(page, 0, 1), data: null },
        { ...viewRow('/max', maxTimestampMs, 1), data: null },
      ];
      await context.adapter().upsert(table, taken);
      assertRows(await context.adapter().read(table), taken);

      const nul = [{ ...viewRow('a\0b', 5, 1), data: { 'c\0': '\0' } }];
      if (nulInText) await context.adapter().upsert(table, nul);
      else {
        await rejection(context.adapter().upsert(table, nul), 'STORAGE_ROW');
        await rejection(
          context.adapter().upsert(table, [{ ...viewRow('a', 5, 1), data: ['\0'] }]),
          'STORAGE_ROW',
        );
      }
      assertRows(await context.adapter().read(table, { fromMs: 5, toMs: 6 }), nulInText ? nul : []);
    });

    it('are refused for a key of 64 KiB, with the most that the store takes, unless it takes that whole', async () => {
      const { maxKeyBytes } = context.adapter().capabilities;
      const table = context.table('long_key', views);
      await context.adapter().ensureTable(table);
      const page = Array.from({ length: 65_536 }, (_, index) => ((index * 7919) % 36).toString(36)).join('');
      const rows = [viewRow('/', 0, 1), viewRow(page, 0, 2)];
      const writing = context.adapter().upsert(table, rows);
      if (maxKeyBytes >= page.length) {
        await writing;
        assertRows(await context.adapter().read(table), rows);
        assertRows(await context.adapter().latest(table, { key: { page } }), rows.slice(1));
        return;
      }
      const error = await rejection(writing, 'STORAGE_ROW');
      assert.deepEqual(error.rows, [1]);
      assert.match(error.message, new RegExp(`more than the ${maxKeyBytes} bytes .*; use a shorter key`));
      await rejection(context.adapter().read(table, { key: { page } }), 'STORAGE_QUERY');
      assertRows(await context.adapter().read(table), []);
    });

    it('are said with the table, the row, the column, the value and what to do', async () => {
      const table = context.table('said', views);
      await context.adapter().ensureTable(table);
      const writing = context.adapter().upsert(table, [viewRow('/', 0, 1), viewRow('/', 1, 1, NaN)]);
      const { message } = await rejection(writing, 'STORAGE_ROW');
      for (const part of [table.name, 'row 1', 'column p95Ms', 'NaN', 'mend these rows or leave them out'])
        assert.ok(message.includes(part), `"${part}" in: ${message}`);
    });

    it('are refused in a removal too', async () => {
      const table = context.table('refused_keys', views);
      await context.adapter().ensureTable(table);
      await context.adapter().upsert(table, [viewRow('/', 0, 1)]);
      await rejection(
        context.adapter().remove(table, [{ page: '/', windowStart: 0 }, { page: '/' }]),
        'STORAGE_ROW',
      );
      assertRows(await context.adapter().read(table), [viewRow('/', 0, 1)]);
    });
  });
}
