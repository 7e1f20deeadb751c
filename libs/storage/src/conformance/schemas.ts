import assert from 'node:assert/strict';
import type { Column, Table } from '../contract.ts';
import { assertRows, rejection, viewRow, views } from './suite.ts';
import type { Context, TestFramework } from './suite.ts';

export function schemaTests({ describe, it }: TestFramework, context: Context): void {
  describe('tables', () => {
    it('are made once, however often and from however many sides they are asked for', async () => {
      const table = context.table('made_once', views);
      const outcomes = await Promise.all([1, 2, 3].map(() => context.adapter().ensureTable(table)));
      assert.ok(outcomes.includes('made'));
      await context.adapter().upsert(table, [viewRow('/', 0, 1)]);
      assert.equal(await context.adapter().ensureTable(table), 'found');
      assertRows(await context.adapter().read(table), [viewRow('/', 0, 1)]);
    });

    it('that are not there are an error of their own', async () => {
      const table = context.table('never_made', views);
      const code = 'STORAGE_TABLE_MISSING';
      await rejection(context.adapter().upsert(table, [viewRow('/', 0, 1)]), code);
      await rejection(context.adapter().remove(table, [{ page: '/', windowStart: 0 }]), code);
      await rejection(context.adapter().read(table), code);
      await rejection(context.adapter().latest(table), code);
    });

    it('get columns added; rows from before have null there', async () => {
      const before = context.table('migrated', views);
      const after: Table = {
        ...before,
        columns: [...views.columns, { name: 'visitors', type: 'long', nullable: false }],
      };
      await context.adapter().ensureTable(before);
      await context.adapter().upsert(before, [viewRow('/', 0, 1)]);
      await context.adapter().ensureTable(after);
      await context.adapter().upsert(after, [{ ...viewRow('/', 1, 2), visitors: 7 }]);
      assertRows(await context.adapter().read(after), [
        { ...viewRow('/', 0, 1), visitors: null },
        { ...viewRow('/', 1, 2), visitors: 7 },
      ]);
    });

    it('of another shape are refused: a type, a key', async () => {
      const table = context.table('shape', views);
      await context.adapter().ensureTable(table);
      const retyped = views.columns.map((column): Column =>
        column.name === 'views' ? { ...column, type: 'boolean' } : column,
      );
      const error = await rejection(
        context.adapter().ensureTable({ ...table, columns: retyped }),
        'STORAGE_TABLE_SHAPE',
      );
      assert.match(error.message, /views/);
      const { time: _, ...untimed } = table;
      await rejection(context.adapter().ensureTable(untimed), 'STORAGE_TABLE_SHAPE');
    });

    it('whose names could be taken for a command are refused before the store sees them', async () => {
      const names = [
        '',
        'a"; DROP TABLE x; --',
        "it's",
        'a b',
        'a\0b',
        '1a',
        '_own',
        'ä',
        'x'.repeat(64),
        'a.b.c',
        'a.',
        '.a',
        'a."b',
        `${'x'.repeat(49)}.a`,
        '../a',
      ];
      for (const name of names) {
        await rejection(context.adapter().ensureTable({ ...views, name }), 'STORAGE_TABLE');
        const columns: Column[] = [...views.columns, { name, type: 'string', nullable: true }];
        await rejection(
          context.adapter().ensureTable(context.table('names', { ...views, columns })),
          'STORAGE_TABLE',
        );
      }
    });

    it('may lie in a keyspace or schema of their own, under a name of fifty characters', async () => {
      const name = 'weather_condition_and_household_energy_consumption';
      const table: Table = { ...views, name: `${context.space}.${name}` };
      const beside = context.table(name.slice(0, 20), views);
      assert.equal(await context.adapter().ensureTable(table), 'made');
      await context.adapter().ensureTable(beside);
      assert.equal(await context.adapter().ensureTable(table), 'found');
      await context.adapter().upsert(table, [viewRow('/', 0, 1), viewRow('/', 1, 2)]);
      assertRows(await context.adapter().read(table), [viewRow('/', 0, 1), viewRow('/', 1, 2)]);
      assertRows(await context.adapter().latest(table), [viewRow('/', 1, 2)]);
      await context.adapter().remove(table, [{ page: '/', windowStart: 0 }]);
      await context.adapter().deleteBefore(table, 1);
      assertRows(await context.adapter().read(table), [viewRow('/', 1, 2)]);
      assertRows(await context.adapter().read(beside), []);
      const elsewhere: Table = { ...table, name: `${context.space}.never_made` };
      await rejection(context.adapter().read(elsewhere), 'STORAGE_TABLE_MISSING');
      const nowhere: Table = { ...table, name: `never_${context.space}.never_made` };
      await rejection(context.adapter().upsert(nowhere, [viewRow('/', 0, 1)]), 'STORAGE_TABLE_MISSING');
    });

    it('may have names that are words of a query language, and upper case', async () => {
      const table = context.table('Select', {
        columns: [
          { name: 'user', type: 'string', nullable: false },
          { name: 'order', type: 'timestamp', nullable: false },
          { name: 'from', type: 'long', nullable: true },
          { name: 'Limit', type: 'string', nullable: true },
          { name: 'token', type: 'boolean', nullable: true },
        ],
        key: ['user'],
        time: 'order',
      });
      await context.adapter().ensureTable(table);
      const row = { user: 'a', order: 5, from: 1, Limit: 'x', token: false };
      await context.adapter().upsert(table, [row]);
      assertRows(await context.adapter().read(table, { key: { user: 'a' }, fromMs: 5, toMs: 6 }), [row]);
    });

    it('answer for their store', async () => {
      const health = await context.adapter().health();
      assert.equal(health.ok, true, health.detail);
    });
  });
}
