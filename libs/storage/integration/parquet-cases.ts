import { createHash } from 'node:crypto';
import type { Column, Row } from '../src/contract.ts';
import { loadParquet } from '../src/lake/parquet/parquet.ts';
import { RowBuffer } from '../src/lake/parquet/row-buffer.ts';

export interface ParquetCase {
  readonly what: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

const columns: readonly Column[] = [
  { name: 'text', type: 'string', nullable: true },
  { name: 'whole', type: 'long', nullable: true },
  { name: 'real', type: 'double', nullable: true },
  { name: 'flag', type: 'boolean', nullable: true },
];
const nulls = { text: null, whole: null, real: null, flag: null };
const list = (count: number, make: (index: number) => object): Row[] =>
  Array.from({ length: count }, (_, index) => ({ ...nulls, ...make(index) }));

/** What a reader of Parquet may stumble over. */
export const parquetCases: readonly ParquetCase[] = [
  { what: 'no rows', columns, rows: [] },
  { what: 'only nulls', columns, rows: list(20, () => ({})) },
  { what: 'one row', columns, rows: list(1, () => ({ text: 'a', whole: 1, real: 0.5, flag: true })) },
  {
    what: 'empty text beside nulls',
    columns,
    rows: list(40, (index) => (index % 3 === 0 ? { text: '' } : {})),
  },
  {
    what: 'whole numbers of 64 bits',
    columns,
    rows: [2n ** 63n - 1n, -(2n ** 63n), 0, null, 2 ** 53 - 1].map((whole) => ({ ...nulls, whole })),
  },
  {
    what: 'numbers that lie far apart, and near each other beyond 32 bits',
    columns,
    rows: list(300, (index) => ({ whole: index % 2 === 0 ? 2 ** 43 - index * 7919 : index * 104_729 })),
  },
  {
    what: 'NaN, both zeros and infinities',
    columns,
    rows: [NaN, -0, 0, Infinity, -Infinity, Number.MIN_VALUE, null].map((real) => ({ ...nulls, real })),
  },
  { what: 'the same few doubles', columns, rows: list(2_000, (index) => ({ real: (index % 7) / 10 })) },
  {
    what: 'text of several pages',
    columns,
    rows: list(400, (index) => (index % 5 === 0 ? {} : { text: `${index}→🐢`.repeat(1_500) })),
  },
  {
    what: 'more rows than a group has',
    columns: columns.map((column) => ({ ...column, nullable: column.name !== 'whole' })),
    rows: list(130_000, (index) => ({
      text: index % 11 === 0 ? null : `user-${(index * 7919) % 9_001}`,
      whole: 1_763_798_400_000 + index * 5,
      real: index % 13 === 0 ? null : ((index * 31) % 5_000) / 10,
      flag: index % 17 === 0 ? null : index % 3 === 0,
    })),
  },
];

/** The case as the lake writes it. */
export async function fileOf({ columns, rows }: ParquetCase): Promise<Uint8Array> {
  const buffer = new RowBuffer(columns);
  for (const row of rows) buffer.append(row);
  return (await loadParquet()).encode(buffer);
}

/** One digest over all cells of a column, each as a line: a letter for null, text by its bytes, doubles bit by bit. */
export function digestOf(column: Column, rows: readonly Row[]): string {
  const hash = createHash('sha256');
  const bits = Buffer.alloc(8);
  for (const row of rows) {
    const value = (row[column.name] ?? null) as string | number | bigint | boolean | null;
    if (value === null) hash.update('n\n');
    else if (column.type === 'double') {
      bits.writeDoubleBE(value as number);
      hash.update(`${bits.toString('hex')}\n`);
    } else hash.update(`${String(value)}\n`);
  }
  return hash.digest('hex');
}
