import { describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadataAsync } from 'hyparquet';
import type { Column, Row } from '../../contract.ts';
import { loadParquet } from './parquet.ts';
import { RowBuffer } from './row-buffer.ts';
import { digestOf, fileOf, parquetCases } from '../../../integration/parquet-cases.ts';

const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1_000_000);

/** Mulberry32: the same numbers for the same seed. */
function generator(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const parquet = await loadParquet();
const column = (type: Column['type'], nullable: boolean): Column => ({ name: 'value', type, nullable });

async function throughAFile(kind: Column, values: readonly unknown[]): Promise<unknown[]> {
  const buffer = new RowBuffer([kind]);
  for (const value of values) buffer.append({ value });
  const { columns, rows } = await parquet.decode(parquet.encode(buffer));
  expect(columns).toEqual([kind]);
  return rows.map((row) => row['value'] ?? null);
}

const whole = (values: readonly (number | bigint | null)[]): (bigint | null)[] =>
  values.map((value) => (value === null ? null : BigInt(value)));

describe(`a Parquet file (MILLRACE_SEED=${seed})`, () => {
  const random = generator(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const list = <Value>(count: number, make: (index: number) => Value): Value[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const sometimesNull = <Value>(values: readonly Value[]): (Value | null)[] =>
    values.map((value) => (random() < 0.3 ? null : value));

  it.each([0, 1, 2, 7, 8, 9, 127, 128, 129, 130, 1_025])(
    'keeps %i whole numbers of any spread',
    async (count) => {
      for (const spread of [1, 2, 1_000, 2 ** 24, 2 ** 25, 2 ** 31, 2 ** 33, 2 ** 43, 2 ** 44, 2 ** 52]) {
        const values = list(count, () => below(spread) * (random() < 0.5 ? 1 : -1));
        expect(await throughAFile(column('long', false), values)).toEqual(whole(values));
        const some = sometimesNull(values);
        expect(await throughAFile(column('long', true), some)).toEqual(whole(some));
      }
    },
  );

  it('keeps the ends of the 64-bit range beside small numbers and nulls', async () => {
    const values = [5, 2n ** 63n - 1n, null, -(2n ** 63n), Number.MAX_SAFE_INTEGER, -1, null];
    expect(await throughAFile(column('long', true), values)).toEqual(whole(values));
  });

  it('keeps a wide number out of the place of a row that was refused', async () => {
    const columns: Column[] = [
      { name: 'wide', type: 'long', nullable: false },
      { name: 'text', type: 'string', nullable: false },
    ];
    const buffer = new RowBuffer(columns);
    expect(() => buffer.append({ wide: 2n ** 60n, text: null })).toThrow(
      expect.objectContaining({ code: 'STORAGE_ROW' }),
    );
    buffer.append({ wide: 7, text: 'a' });
    expect((await parquet.decode(parquet.encode(buffer))).rows).toEqual([{ wide: 7n, text: 'a' }]);
  });

  it('keeps doubles bit by bit, few distinct ones and many', async () => {
    const odd = [-0, 0, NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, 0.1 + 0.2];
    for (const values of [odd, list(40_000, () => random() * 1e9), list(5_000, () => below(300) / 10), []]) {
      const found = await throughAFile(column('double', false), values);
      expect(found.findIndex((value, index) => !Object.is(value, values[index]))).toBe(-1);
      const some = sometimesNull(values);
      const others = await throughAFile(column('double', true), some);
      expect(others.findIndex((value, index) => !Object.is(value, some[index]))).toBe(-1);
    }
  });

  it('keeps runs and mixtures of nulls and truth values', async () => {
    const values = [
      true,
      ...list(20, () => false),
      ...list(13, () => random() < 0.5),
      ...list(9, () => null),
    ];
    expect(await throughAFile(column('boolean', true), values)).toEqual(values);
    expect(
      await throughAFile(
        column('boolean', true),
        list(50, () => null),
      ),
    ).toEqual(list(50, () => null));
  });

  it('keeps text, one value over and over, few, all different, and more than a page holds', async () => {
    const letters = ['', 'a', 'ß', '→', '🐢', '\u{10FFFF}', '\uE000', '\0', '"'];
    const odd = (length: number): string => list(length, () => letters[below(letters.length)]).join('');
    for (const values of [
      list(1_000, () => 'same'),
      list(3_000, () => odd(2)),
      list(20_000, (index) => `${index} ${odd(3)}`),
      list(40, () => odd(40_000)),
      ['x'.repeat(3 << 20), '', 'y'.repeat(3 << 20)],
    ]) {
      expect(await throughAFile(column('string', false), values)).toEqual(values);
      const some = sometimesNull(values);
      expect(await throughAFile(column('string', true), some)).toEqual(some);
    }
  });

  it.each(parquetCases)('is read by DuckDB cell by cell: $what', async (one) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-parquet-'));
    try {
      const path = join(folder, 'case.parquet');
      writeFileSync(path, await fileOf(one));
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
      const found = reader.getRowObjectsJS() as Row[];
      expect(found).toHaveLength(one.rows.length);
      const digests = (rows: readonly Row[]) => one.columns.map((kind) => [kind.name, digestOf(kind, rows)]);
      expect(digests(found)).toEqual(digests(one.rows));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is read by DuckDB, over several row groups, with statistics that hold', async () => {
    const columns: Column[] = [
      { name: 'at', type: 'timestamp', nullable: false },
      { name: 'page', type: 'string', nullable: false },
      { name: 'user', type: 'string', nullable: true },
      { name: 'ms', type: 'double', nullable: true },
      { name: 'size', type: 'long', nullable: true },
      { name: 'ok', type: 'boolean', nullable: true },
    ];
    const rows: Row[] = list(130_000, (index) => ({
      at: 1_763_798_400_000 + index * 5 + below(2_000),
      page: `/products/${below(50)}`,
      user: random() < 0.1 ? null : `user-${index}`,
      ms: random() < 0.1 ? null : below(30_000) / 10,
      size: random() < 0.5 ? null : below(1_000_000),
      ok: random() < 0.1 ? null : random() < 0.5,
    }));
    const buffer = new RowBuffer(columns);
    for (const row of rows) buffer.append(row);
    const bytes = parquet.encode(buffer);
    const folder = mkdtempSync(join(tmpdir(), 'millrace-parquet-'));
    try {
      const path = join(folder, 'rows.parquet');
      writeFileSync(path, bytes);
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      const reader = await connection.runAndReadAll(
        `SELECT epoch_ms("at")::double "at", page, "user", ms, size::double size, ok FROM read_parquet('${path}')`,
      );
      const found = reader.getRowObjectsJS();
      expect(found).toHaveLength(rows.length);
      const same = (row: Row, index: number): boolean =>
        columns.every(({ name }) => (row[name] ?? null) === (rows[index]![name] ?? null));
      expect(found.findIndex((row, index) => !same(row as Row, index))).toBe(-1);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const groups = (await parquetMetadataAsync(file)).row_groups;
    expect(groups.map(({ num_rows }) => num_rows)).toEqual([122_880n, 7_120n]);
    const first = rows.slice(0, 122_880).map((row) => row['at'] as number);
    const { statistics } = groups[0]!.columns[0]!.meta_data!;
    const [least, most] = [first.reduce((a, b) => Math.min(a, b)), first.reduce((a, b) => Math.max(a, b))];
    expect(statistics).toMatchObject({
      min_value: new Date(least),
      max_value: new Date(most),
      null_count: 0n,
    });
  });
});
