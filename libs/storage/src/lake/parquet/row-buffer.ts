import type { Column, Row } from '../../contract.ts';
import { StorageError } from '../../errors.ts';

/** Cells of a column of numbers, times (epoch milliseconds) or truth values (0 and 1). */
export interface NumberCells {
  values: Float64Array;
  /** 1 where a cell is null; absent where none may be. */
  nulls: Uint8Array | undefined;
  /** Whole numbers beyond 2^53, by row. */
  readonly wide: Map<number, bigint>;
}

/** Cells of a column of text, or of JSON as text. */
export interface TextCells {
  readonly texts: (string | null)[];
}

export type Cells = NumberCells | TextCells;

/** A replay of a long history has thousands of files open, each of few rows. */
const firstCapacity = 16;
const nowhere: readonly number[] = [];

/**
 * Collects rows as columns: a row is copied cell by cell, so that its object can be used again at once.
 * What does not fit a column (the rows were decoded by its own schema) is an error that names it.
 */
export class RowBuffer {
  readonly columns: readonly Column[];
  readonly cells: readonly Cells[];
  length = 0;
  #capacity = firstCapacity;

  constructor(columns: readonly Column[]) {
    this.columns = columns;
    this.cells = columns.map(({ type, nullable }) =>
      type === 'string' || type === 'json'
        ? { texts: [] }
        : {
            values: new Float64Array(firstCapacity),
            nulls: nullable ? new Uint8Array(firstCapacity) : undefined,
            wide: new Map(),
          },
    );
  }

  /**
   * @param origin values of the last columns, which are not the row's own
   * @throws StorageError `STORAGE_ROW`; nothing of the row is kept then
   */
  append(row: Row, origin = nowhere): void {
    const { columns, cells, length } = this;
    if (length === this.#capacity) this.#grow();
    const own = columns.length - origin.length;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as Column;
      const value = (index < own ? row[column.name] : origin[index - own]) ?? null;
      const into = cells[index] as Cells;
      const fits =
        'texts' in into ? putText(column, into, length, value) : putNumber(column, into, length, value);
      if (!fits) throw this.#refusal(column, value);
    }
    this.length = length + 1;
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const cells of this.cells) {
      if ('texts' in cells) continue;
      const { values, nulls } = cells;
      cells.values = new Float64Array(this.#capacity);
      cells.values.set(values);
      if (nulls === undefined) continue;
      cells.nulls = new Uint8Array(this.#capacity);
      cells.nulls.set(nulls);
    }
  }

  #refusal({ name, type, nullable }: Column, value: unknown): StorageError {
    for (const cells of this.cells) if ('wide' in cells) cells.wide.delete(this.length);
    const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const kind = `${type}${nullable ? '' : ', not nullable'}`;
    return new StorageError('STORAGE_ROW', `column ${name} (${kind}) does not take ${shown.slice(0, 80)}.`, {
      rows: [this.length],
    });
  }
}

function putText({ type, nullable }: Column, { texts }: TextCells, at: number, value: unknown): boolean {
  if (value === null) {
    texts[at] = null;
    return nullable;
  }
  if (type === 'string') {
    if (typeof value !== 'string') return false;
    texts[at] = value;
    return true;
  }
  const text = JSON.stringify(value, withBigInts);
  if (text === undefined) return false;
  texts[at] = text;
  return true;
}

function putNumber({ type }: Column, cells: NumberCells, at: number, value: unknown): boolean {
  const { values, nulls } = cells;
  if (value === null) {
    if (nulls === undefined) return false;
    nulls[at] = 1;
    return true;
  }
  if (nulls !== undefined) nulls[at] = 0;
  if (typeof value === 'number') {
    if (type === 'boolean' || (type !== 'double' && !Number.isSafeInteger(value))) return false;
    values[at] = value;
    return true;
  }
  if (typeof value === 'boolean') {
    if (type !== 'boolean') return false;
    values[at] = value ? 1 : 0;
    return true;
  }
  if (typeof value !== 'bigint' || type === 'boolean' || type === 'double') return false;
  if (BigInt.asIntN(64, value) !== value) return false;
  values[at] = Number(value);
  if (!Number.isSafeInteger(values[at])) cells.wide.set(at, value);
  return true;
}

function withBigInts(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
