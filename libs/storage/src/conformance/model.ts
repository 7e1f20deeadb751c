import { memoryStorage } from '../adapters/memory.ts';
import type { ReadQuery } from '../contract.ts';
import { assertRows, viewRow, views } from './suite.ts';
import type { Context, TestFramework } from './suite.ts';

const rounds = 40;

export function modelTests({ describe, it }: TestFramework, context: Context): void {
  describe('any sequence of calls', () => {
    it('leaves the same rows as in memory', async () => {
      const seed = Date.now() % 1_000_000;
      const random = generator(seed);
      const pick = <Value>(...values: Value[]): Value =>
        values[Math.floor(random() * values.length)] as Value;
      const page = (): string => pick('/', '/a', '/b', '/ä', '🐢');
      const time = (): number => pick(-86_400_001, -1, 0, 1, 60_000, 3_599_999, 3_600_000, 1e12);
      const table = context.table('model', views);
      const model = memoryStorage();
      const adapter = context.adapter();
      for (const store of [model, adapter]) await store.ensureTable(table);
      for (let round = 0; round < rounds; round++) {
        const rows = Array.from({ length: Math.ceil(random() * 20) }, () =>
          viewRow(page(), time(), Math.floor(random() * 100), pick(null, random())),
        );
        const action = random();
        for (const store of [model, adapter]) {
          if (action < 0.65) await store.upsert(table, rows);
          else if (action < 0.95) await store.remove(table, rows.slice(0, 4));
          else await store.deleteBefore(table, rows[0]?.['windowStart'] as number);
        }
        const query: ReadQuery = {
          ...pick<ReadQuery>({}, { key: { page: page() } }),
          ...pick<ReadQuery>({}, { fromMs: time() }),
          ...pick<ReadQuery>({}, { toMs: time() }),
          ...pick<ReadQuery>({}, { limit: 1 + Math.floor(random() * 10) }),
          order: pick('asc', 'desc'),
        };
        const at = `seed ${seed}, round ${round}, ${JSON.stringify(query)}`;
        assertRows(await adapter.read(table, query), await model.read(table, query), at);
        const newest = pick<ReadQuery>({}, { limit: 2 }, { key: { page: page() } });
        assertRows(await adapter.latest(table, newest), await model.latest(table, newest), at);
      }
    });
  });
}

/** Mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
