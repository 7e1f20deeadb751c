import type { Row } from '../contract.ts';
import { assertRows, rejection, viewRow, views } from './suite.ts';
import type { Context, TestFramework } from './suite.ts';

export function readTests({ describe, it }: TestFramework, context: Context): void {
  describe('reading', () => {
    const hour = 3_600_000;
    const rows = [
      viewRow('/', -hour, 1),
      viewRow('/a', -hour, 2),
      viewRow('/', 0, 3),
      viewRow('/b', 0, 4),
      viewRow('/a', 30 * hour, 5),
      viewRow('/b', 30 * hour, 6),
    ];
    const filled = async (name: string): Promise<ReturnType<Context['table']>> => {
      const table = context.table(name, views);
      await context.adapter().ensureTable(table);
      await context.adapter().upsert(table, rows.toReversed());
      return table;
    };
    const at = (...indexes: number[]): Row[] => indexes.map((index) => rows[index] as Row);

    it('is by time, then key, in either direction of time, up to a limit', async () => {
      const table = await filled('ordered');
      const read = context.adapter().read;
      assertRows(await read(table), rows);
      assertRows(await read(table, { order: 'desc' }), at(4, 5, 2, 3, 0, 1));
      assertRows(await read(table, { limit: 3 }), at(0, 1, 2));
      assertRows(await read(table, { order: 'desc', limit: 3 }), at(4, 5, 2));
      assertRows(await read(table, { limit: 0 }), []);
    });

    it('takes a range of times [from, to) and a key', async () => {
      const table = await filled('ranges');
      const read = context.adapter().read;
      assertRows(await read(table, { fromMs: -hour, toMs: 0 }), at(0, 1));
      assertRows(await read(table, { fromMs: 0 }), at(2, 3, 4, 5));
      assertRows(await read(table, { toMs: 30 * hour }), at(0, 1, 2, 3));
      assertRows(await read(table, { fromMs: 1, toMs: 30 * hour }), []);
      assertRows(await read(table, { fromMs: 5, toMs: 5 }), []);
      assertRows(await read(table, { fromMs: 9, toMs: 5 }), []);
      assertRows(await read(table, { key: { page: '/a' } }), at(1, 4));
      assertRows(await read(table, { key: { page: '/a' }, fromMs: 0, order: 'desc' }), at(4));
      assertRows(await read(table, { key: { page: '/b' }, order: 'desc', limit: 1 }), at(5));
      assertRows(await read(table, { key: { page: '/c' } }), []);
    });

    it('finds the newest row of each key', async () => {
      const table = await filled('newest');
      const latest = context.adapter().latest;
      assertRows(await latest(table), at(4, 5, 2));
      assertRows(await latest(table, { limit: 2 }), at(4, 5));
      assertRows(await latest(table, { key: { page: '/' } }), at(2));
      assertRows(await latest(table, { key: { page: '/none' } }), []);
    });

    it('works for keys of several columns and types', async () => {
      const table = context.table('compound', {
        columns: [
          { name: 'home', type: 'long', nullable: false },
          { name: 'appliance', type: 'string', nullable: false },
          { name: 'on', type: 'boolean', nullable: false },
          { name: 'day', type: 'timestamp', nullable: false },
          { name: 'kwh', type: 'double', nullable: false },
        ],
        key: ['home', 'appliance', 'on'],
        time: 'day',
      });
      await context.adapter().ensureTable(table);
      const energy = (home: number, appliance: string, on: boolean, day: number): Row => ({
        home,
        appliance,
        on,
        day,
        kwh: 0.5,
      });
      const stored = [
        energy(-2, 'oven', true, 0),
        energy(2, 'oven', false, 0),
        energy(2, 'oven', true, 0),
        energy(10, 'fridge', true, 0),
        energy(2, 'oven', true, 1),
      ];
      await context.adapter().upsert(table, stored);
      assertRows(await context.adapter().read(table), stored);
      const key = { home: 2, appliance: 'oven', on: true };
      assertRows(await context.adapter().read(table, { key }), [stored[2] as Row, stored[4] as Row]);
      assertRows(await context.adapter().latest(table, { key }), [stored[4] as Row]);
      assertRows(
        await context.adapter().latest(table),
        [4, 0, 1, 3].map((index) => stored[index] as Row),
      );
      await context.adapter().remove(table, [{ ...key, day: 1 }]);
      assertRows(await context.adapter().read(table), stored.slice(0, 4));
    });

    it('works for tables without time, and without key', async () => {
      const { time: _, ...untimed } = context.table('untimed', views);
      await context.adapter().ensureTable(untimed);
      await context
        .adapter()
        .upsert(untimed, [viewRow('/b', 5, 1), viewRow('/a', 9, 2), viewRow('/b', 3, 3)]);
      assertRows(await context.adapter().read(untimed), [viewRow('/a', 9, 2), viewRow('/b', 3, 3)]);
      assertRows(await context.adapter().latest(untimed), [viewRow('/a', 9, 2), viewRow('/b', 3, 3)]);
      await context.adapter().deleteBefore(untimed, 100);
      await context.adapter().remove(untimed, [{ page: '/a' }]);
      assertRows(await context.adapter().read(untimed, { key: { page: '/b' } }), [viewRow('/b', 3, 3)]);
      await rejection(context.adapter().read(untimed, { fromMs: 0 }), 'STORAGE_QUERY');

      const keyless = context.table('keyless', { ...views, key: [] });
      await context.adapter().ensureTable(keyless);
      await context.adapter().upsert(keyless, [viewRow('/', 5, 1), viewRow('/a', 9, 2), viewRow('/b', 5, 3)]);
      assertRows(await context.adapter().read(keyless), [viewRow('/b', 5, 3), viewRow('/a', 9, 2)]);
      assertRows(await context.adapter().latest(keyless), [viewRow('/a', 9, 2)]);
      await context.adapter().remove(keyless, [{ windowStart: 9 }]);
      assertRows(await context.adapter().read(keyless), [viewRow('/b', 5, 3)]);
      await rejection(context.adapter().read(keyless, { key: { page: '/' } }), 'STORAGE_QUERY');
    });

    it('refuses what cannot be a read', async () => {
      const table = await filled('unreadable');
      const read = context.adapter().read;
      for (const limit of [-1, 1.5, NaN, Infinity]) await rejection(read(table, { limit }), 'STORAGE_QUERY');
      for (const fromMs of [0.5, NaN, 1e300]) await rejection(read(table, { fromMs }), 'STORAGE_QUERY');
      await rejection(read(table, { key: {} }), 'STORAGE_QUERY');
      await rejection(read(table, { key: { page: { $ne: '' } } }), 'STORAGE_QUERY');
    });
  });
}
