import type { Encoding, Statistics } from 'hyparquet';
import type { Column } from '../../contract.ts';
import { compareText } from '../../order-rows.ts';
import { bitWidth, putPacked } from './bit-packing.ts';
import { encodeDeltas, maxDeltaRange } from './deltas.ts';
import { dictionaryOf } from './dictionary.ts';
import type { Dictionary } from './dictionary.ts';
import { plainDoubles, plainLongs, plainTexts } from './plain.ts';
import type { Cells, NumberCells } from './row-buffer.ts';
import { encodeRuns } from './run-lengths.ts';

/** Rows of one column as the bytes of Parquet pages, uncompressed. */
export interface ColumnPages {
  readonly encoding: Encoding;
  readonly dictionary?: { readonly count: number; readonly bytes: Uint8Array };
  readonly pages: readonly Page[];
  readonly statistics: Statistics;
}

export interface Page {
  readonly rows: number;
  readonly nulls: number;
  /** Which rows are not null; empty in a column that is never null. */
  readonly levels: Uint8Array;
  readonly values: Uint8Array;
}

export interface Rows {
  readonly from: number;
  readonly to: number;
}

/** A page of text is about this large: a reader has a whole page in memory. */
const pageTextLength = 1 << 20;

/** Encodes the rows `[from, to)` of a column in the way that suits what is in them. */
export function columnPages(column: Column, cells: Cells, rows: Rows): ColumnPages {
  if ('texts' in cells) return textPages(column, cells.texts.slice(rows.from, rows.to));
  const { present, values, wide } = denseNumbers(cells, rows);
  const nulls = rows.to - rows.from - values.length;
  const page = (bytes: Uint8Array): Page[] => [
    { rows: rows.to - rows.from, nulls, levels: levelsOf(present), values: bytes },
  ];
  const null_count = BigInt(nulls);
  if (column.type === 'double') {
    const statistics = { null_count, ...doubleBounds(values) };
    const found = values.some((value) => Object.is(value, -0)) ? undefined : dictionaryOf(values, () => 8);
    if (found === undefined) return { encoding: 'PLAIN', pages: page(plainDoubles(values)), statistics };
    return { ...byDictionary(found, plainDoubles), pages: page(encodeIndexes(found)), statistics };
  }
  const { min, max } = boundsOf(values);
  if (column.type === 'boolean') {
    const statistics = {
      null_count,
      ...(min === undefined ? {} : { min_value: min === 1, max_value: max === 1 }),
    };
    return { encoding: 'PLAIN', pages: page(packedBooleans(values)), statistics };
  }
  if (wide !== undefined || (max ?? 0) - (min ?? 0) >= maxDeltaRange) {
    const longs = wide ?? Array.from(values, BigInt);
    const [min_value, max_value] = [longs.reduce(lesser), longs.reduce(greater)];
    return {
      encoding: 'PLAIN',
      pages: page(plainLongs(longs)),
      statistics: { null_count, min_value, max_value },
    };
  }
  const bounds = min === undefined ? {} : { min_value: BigInt(min), max_value: BigInt(max as number) };
  const statistics = { null_count, ...bounds };
  return { encoding: 'DELTA_BINARY_PACKED', pages: page(encodeDeltas(values)), statistics };
}

function textPages(column: Column, cells: readonly (string | null)[]): ColumnPages {
  const texts = column.nullable ? cells.filter((text) => text !== null) : (cells as readonly string[]);
  const statistics = { null_count: BigInt(cells.length - texts.length) };
  const page = (part: readonly (string | null)[], nulls: number, values: Uint8Array): Page => {
    const present = column.nullable ? Uint8Array.from(part, (text) => (text === null ? 0 : 1)) : undefined;
    return { rows: part.length, nulls, levels: levelsOf(present), values };
  };
  const found = dictionaryOf(texts, (text) => text.length + 4);
  if (found !== undefined) {
    const pages = [page(cells, cells.length - texts.length, encodeIndexes(found))];
    return {
      ...byDictionary(found, plainTexts),
      pages,
      statistics: { ...statistics, ...textBounds(found.values) },
    };
  }
  let length = 0;
  for (const text of texts) length += text.length;
  const rowsPerPage = Math.max(1, Math.floor((cells.length * pageTextLength) / Math.max(1, length)));
  const pages: Page[] = [];
  for (let from = 0; from < cells.length; from += rowsPerPage) {
    const part = cells.slice(from, from + rowsPerPage);
    const some = part.filter((text) => text !== null);
    pages.push(page(part, part.length - some.length, plainTexts(some)));
  }
  return { encoding: 'PLAIN', pages, statistics: { ...statistics, ...textBounds(texts) } };
}

/** The values that are not null, one behind the other. */
function denseNumbers(
  { values, nulls, wide }: NumberCells,
  { from, to }: Rows,
): { present: Uint8Array | undefined; values: Float64Array; wide: bigint[] | undefined } {
  const present = nulls?.slice(from, to).map((isNull) => 1 - isNull);
  const all = values.subarray(from, to);
  let dense = all;
  if (present?.includes(0) === true) {
    dense = new Float64Array(all.length);
    let count = 0;
    for (let row = 0; row < all.length; row++) {
      if (present[row] === 1) dense[count++] = all[row] as number;
    }
    dense = dense.subarray(0, count);
  }
  let isWide = false;
  for (const row of wide.keys()) isWide ||= row >= from && row < to;
  if (!isWide) return { present, values: dense, wide: undefined };
  const longs: bigint[] = [];
  for (let row = from; row < to; row++) {
    if (nulls?.[row] !== 1) longs.push(wide.get(row) ?? BigInt(values[row] as number));
  }
  return { present, values: dense, wide: longs };
}

function byDictionary<Value>(
  { values }: Dictionary<Value>,
  plain: (values: readonly Value[]) => Uint8Array,
): Pick<ColumnPages, 'encoding'> & Required<Pick<ColumnPages, 'dictionary'>> {
  return { encoding: 'RLE_DICTIONARY', dictionary: { count: values.length, bytes: plain(values) } };
}

function encodeIndexes({ values, indexes }: Dictionary<unknown>): Uint8Array {
  const width = bitWidth(Math.max(1, values.length - 1));
  return Buffer.concat([Buffer.of(width), encodeRuns(indexes, width)]);
}

function levelsOf(present: Uint8Array | undefined): Uint8Array {
  return present === undefined ? new Uint8Array(0) : encodeRuns(present, 1);
}

function packedBooleans(values: Float64Array): Uint8Array {
  const bytes = { into: new Uint8Array(Math.ceil(values.length / 8)), at: 0 };
  putPacked(bytes, values, { from: 0, count: values.length, width: 1 });
  return bytes.into;
}

const lesser = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** Undefined when there is no value; NaN is neither less nor more than any. */
function boundsOf(values: Float64Array): { min?: number; max?: number } {
  let min = Infinity;
  let max = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : {};
}

function doubleBounds(values: Float64Array): Statistics {
  const { min, max } = boundsOf(values);
  // Zeros are written so that a bound of either sign covers both.
  return min === undefined
    ? {}
    : { min_value: min === 0 ? -0 : min, max_value: max === 0 ? 0 : (max as number) };
}

function textBounds(texts: readonly string[]): Statistics {
  let [min, max] = [texts[0], texts[0]];
  if (min === undefined || max === undefined) return {};
  for (const text of texts) {
    if (compareText(text, min) < 0) min = text;
    else if (compareText(text, max) > 0) max = text;
  }
  return { min_value: min, max_value: max };
}
