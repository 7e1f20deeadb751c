import assert from 'node:assert/strict';
import type { Row } from '../contract.ts';
import { assertRows, rejection, viewRow, views } from './suite.ts';
import type { Context, TestFramework } from './suite.ts';

export function refusalTests({ describe, it }: TestFramework, context: Context): void {
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
