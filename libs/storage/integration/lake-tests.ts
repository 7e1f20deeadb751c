import { describe, expect, it } from '@jest/globals';
import type { Column } from '../src/contract.ts';
import type { AppendOptions, Lake } from '../src/lake/lake.ts';
import { lakeOn } from '../src/lake/lake.ts';
import type { ObjectStore } from '../src/lake/object-store.ts';
import { loadParquet } from '../src/lake/parquet/parquet.ts';

/** Columns of every type. */
export const columns: readonly Column[] = [
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'page', type: 'string', nullable: false },
  { name: 'bytes', type: 'long', nullable: true },
  { name: 'ms', type: 'double', nullable: true },
  { name: 'ok', type: 'boolean', nullable: true },
  { name: 'tags', type: 'json', nullable: true },
];

const start = Date.parse('2026-11-22T08:00:00Z');

/** Events of the offsets `[from, to)`, a second apart. */
export function events(from: number, to: number): AppendOptions['rows'] {
  return Array.from({ length: to - from }, (_, index) => {
    const offset = from + index;
    const timeMs = start + offset * 1_000;
    return {
      offset,
      timeMs,
      row: {
        at: timeMs,
        page: `/${offset % 7}"'ß`,
        bytes: offset,
        ms: offset / 3,
        ok: offset % 2 === 0,
        tags: { a: ['5'] },
      },
    };
  });
}

/** The offsets of all events of a topic, in order, duplicates included. */
export async function offsetsIn(lake: Lake, topic: string): Promise<number[]> {
  return (await rowsIn(lake, topic)).map((row) => Number(row['kafka_offset'])).sort((a, b) => a - b);
}

async function rowsIn(lake: Lake, topic: string): Promise<Readonly<Record<string, unknown>>[]> {
  const parquet = await loadParquet();
  const rows = [];
  for (const { key } of await lake.files(topic))
    rows.push(...(await parquet.decode(await lake.fileBytes(key))).rows);
  return rows;
}

const upTo = (end: number): number[] => Array.from({ length: end }, (_, index) => index);

/** What a lake must do on any store; `open` gives an empty store. */
export function lakeTests(where: string, open: (name: string) => Promise<ObjectStore>): void {
  const range = (firstOffset: number, nextOffset: number): AppendOptions => ({
    topic: 'clicks',
    partition: 0,
    columns,
    firstOffset,
    nextOffset,
    rows: events(firstOffset, nextOffset),
  });

  describe(`a lake ${where}`, () => {
    it('gives events back as they were', async () => {
      const lake = await lakeOn(await open('values'));
      await lake.appendFile(range(0, 3));
      const [, second] = await rowsIn(lake, 'clicks');
      expect(second).toEqual({
        at: BigInt(start + 1_000),
        page: '/1"\'ß',
        bytes: 1n,
        ms: 1 / 3,
        ok: false,
        tags: { a: ['5'] },
        kafka_partition: 0n,
        kafka_offset: 1n,
      });
      await lake.close();
    });

    it('takes nulls, the ends of the number ranges and odd text, and keeps them', async () => {
      const lake = await lakeOn(await open('extremes'));
      const values = [
        { at: 0, page: '' },
        { at: -1, page: 'a\0b', bytes: Number.MAX_SAFE_INTEGER, ms: Number.MIN_VALUE, ok: true, tags: null },
        { at: 8.64e15, page: '🐢\u{10FFFF}', bytes: 2n ** 63n - 1n, ms: -Infinity, ok: false, tags: [] },
        { at: -8.64e15, page: "'; DROP", bytes: -(2n ** 63n), ms: 1e308, ok: null, tags: '5' },
      ];
      const rows = values.map((row, offset) => ({ row, offset, timeMs: row.at }));
      const files = await lake.appendFile({ ...range(0, 4), rows });
      expect(files.map((file) => file.key.split('/').slice(1, -1).join('/')).sort()).toEqual([
        'event_date=1969-12-31/event_hour=23',
        'event_date=1970-01-01/event_hour=00',
        'event_date=beyond',
      ]);
      const found = await rowsIn(lake, 'clicks');
      const expected = values.map((row, offset) => ({
        bytes: null,
        ms: null,
        ok: null,
        tags: null,
        ...row,
        at: BigInt(row.at),
        ...(row.bytes === undefined ? {} : { bytes: BigInt(row.bytes) }),
        kafka_partition: 0n,
        kafka_offset: BigInt(offset),
      }));
      const byOffset = (row: Readonly<Record<string, unknown>>): number => Number(row['kafka_offset']);
      expect(found.sort((a, b) => byOffset(a) - byOffset(b))).toEqual(expected);
      await lake.close();
    });

    it('refuses rows, names and ranges that do not fit, and keeps the rest', async () => {
      const lake = await lakeOn(await open('refusals'));
      const file = lake.file(range(0, 2));
      const [event] = events(0, 1);
      file.append(event!.row, 0, start);
      for (const wrong of [
        { page: 5 },
        { page: null },
        { bytes: 0.5 },
        { bytes: 2n ** 63n },
        { ok: 'yes' },
        { at: NaN },
      ]) {
        const row = { ...event!.row, ...wrong };
        expect(() => file.append(row, 1, start)).toThrow(expect.objectContaining({ code: 'STORAGE_ROW' }));
      }
      await file.commit(2);
      expect(await offsetsIn(lake, 'clicks')).toEqual([0]);
      for (const topic of ['', '.', '..', '../up', 'a/b', "a'b", 'a\0', '_manifest', 'x'.repeat(250)]) {
        const code = 'STORAGE_TABLE';
        await expect(lake.appendFile({ ...range(0, 1), topic })).rejects.toMatchObject({ code });
        await expect(lake.nextOffset(topic, 0)).rejects.toMatchObject({ code });
      }
      await expect(lake.appendFile(range(5, 5))).rejects.toMatchObject({ code: 'STORAGE_TABLE' });
      await lake.close();
    });

    it('takes no event into a file while that is being committed: it would be there twice', async () => {
      const lake = await lakeOn(await open('growing'));
      const [first, second] = events(0, 2);
      const file = lake.file(range(0, 1));
      file.append(first!.row, 0, start);
      const committing = file.commit(1);
      expect(() => file.append(second!.row, 1, start)).toThrow(
        expect.objectContaining({ code: 'STORAGE_FAILED' }),
      );
      await committing;
      await lake.appendFile({ ...range(1, 2), rows: [second!] });
      expect(await offsetsIn(lake, 'clicks')).toEqual([0, 1]);
      await lake.close();
    });

    it('knows where to go on, and takes no event twice', async () => {
      const lake = await lakeOn(await open('once'));
      expect(await lake.nextOffset('clicks', 0)).toBeUndefined();
      await lake.appendFile(range(0, 10));
      await lake.appendFile(range(10, 15));
      expect(await lake.nextOffset('clicks', 0)).toBe(15);
      expect(await lake.nextOffset('clicks', 1)).toBeUndefined();
      // A restart that reads from an older committed offset, with other batch boundaries.
      for (const again of [range(0, 12), range(10, 11), range(10, 99)]) {
        const error = { code: 'STORAGE_CONFLICT', message: expect.stringContaining('offset 15') };
        await expect(lake.appendFile(again)).rejects.toMatchObject(error);
      }
      // The same range again is the same file: the answer to the first attempt was lost.
      await lake.appendFile(range(10, 15));
      expect(await offsetsIn(lake, 'clicks')).toEqual(upTo(15));
      await lake.close();
    });

    it('lets one of two writers of the same offsets win, whole', async () => {
      const store = await open('race');
      const lakes = await Promise.all([lakeOn(store), lakeOn(store)]);
      let next = 0;
      for (let round = 1; round <= 5; round++) {
        const ends = [next + round, next + 2 * round];
        const outcomes = await Promise.allSettled(
          lakes.map((lake, index) => lake.appendFile(range(next, ends[index]!))),
        );
        const won = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
        expect(won).toHaveLength(1);
        next = ends[won[0]!]!;
        expect(await lakes[0]!.nextOffset('clicks', 0)).toBe(next);
      }
      expect(await offsetsIn(lakes[0]!, 'clicks')).toEqual(upTo(next));
      await lakes[0]!.close();
    });

    it('joins small files beside writers and other compactions, and cleans up after both', async () => {
      const store = await open('compaction');
      const lake = await lakeOn(store);
      for (let first = 0; first < 50; first += 5) await lake.appendFile(range(first, first + 5));
      const before = await lake.files('clicks');
      expect(before).toHaveLength(10);
      const [one, two] = await Promise.all([
        lake.compact('clicks'),
        lake.compact('clicks'),
        lake.appendFile(range(50, 55)),
      ]);
      expect([one.applied, two.applied]).toContain(true);
      expect((await lake.files('clicks')).length).toBeLessThanOrEqual(2);
      expect(await offsetsIn(lake, 'clicks')).toEqual(upTo(55));
      expect(await lake.nextOffset('clicks', 0)).toBe(55);
      // Who reads by the list from before still finds its files; the compaction after that deletes them.
      expect(await lake.fileBytes(before[0]!.key)).toBeDefined();
      await lake.compact('clicks', { minFiles: 1 });
      await lake.compact('clicks', { minFiles: 1 });
      await expect(lake.fileBytes(before[0]!.key)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
      expect(await offsetsIn(lake, 'clicks')).toEqual(upTo(55));
      await expect(lake.appendFile(range(40, 60))).rejects.toMatchObject({ code: 'STORAGE_CONFLICT' });
      await lake.appendFile(range(55, 60));
      expect(await offsetsIn(lake, 'clicks')).toEqual(upTo(60));
      const listed = new Set((await lake.files('clicks')).map((file) => file.key));
      const stored: string[] = [];
      for await (const { key } of store.list('clicks/')) stored.push(key);
      expect(stored.filter((key) => !listed.has(key)).length).toBeLessThanOrEqual(1);
      await lake.close();
    });

    it('lists no file of an append that was cut off before its commit', async () => {
      const store = await open('cut');
      const lake = await lakeOn({
        ...store,
        create: async (key, bytes) => {
          if (key.startsWith('_manifest/')) throw new Error('cut');
          return store.create(key, bytes);
        },
      });
      await expect(lake.appendFile(range(0, 10))).rejects.toThrow('cut');
      const after = await lakeOn(store);
      expect(await after.files('clicks')).toEqual([]);
      await after.appendFile(range(0, 4));
      await after.appendFile(range(4, 10));
      expect(await offsetsIn(after, 'clicks')).toEqual(upTo(10));
      await after.compact('clicks', { minFiles: 1 });
      await after.compact('clicks', { minFiles: 1 });
      let stored = 0;
      for await (const _ of store.list('clicks/')) stored++;
      expect(stored).toBe((await after.files('clicks')).length);
      await after.close();
    });
  });
}
