import type { Column, Row } from '../contract.ts';
import { StorageError } from '../errors.ts';

/** The values of one column, in the form that the Parquet writer takes. */
export type Values = (string | boolean | number | bigint | null)[];

/**
 * Collects rows as columns: a row is copied cell by cell, so that its object can be used again at once.
 * What does not fit a column (the rows were decoded by its own schema) is an error that names it.
 */
export class RowBuffer {
  readonly columns: readonly Column[];
  readonly values: readonly Values[];
  length = 0;

  constructor(columns: readonly Column[]) {
    this.columns = columns;
    this.values = columns.map(() => []);
  }

  /**
   * @param origin values of the last columns, which are not the row's own
   * @throws StorageError `STORAGE_ROW`; nothing of the row is kept then
   */
  append(row: Row, ...origin: readonly number[]): void {
    const { columns, values, length } = this;
    const own = columns.length - origin.length;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as Column;
      const value = (index < own ? row[column.name] : origin[index - own]) ?? null;
      const cell = value === null ? null : toCell(column, value);
      if (cell === undefined || (cell === null && !column.nullable)) {
        for (const filled of values) filled.length = length;
        const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
        throw new StorageError(
          'STORAGE_ROW',
          `column ${column.name} (${column.type}${column.nullable ? '' : ', not nullable'}) does not take ${shown.slice(0, 80)}.`,
          { rows: [length] },
        );
      }
      (values[index] as Values)[length] = cell;
    }
    this.length = length + 1;
  }
}

function toCell(column: Column, value: unknown): string | boolean | number | bigint | undefined {
  switch (column.type) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'long':
    case 'timestamp':
      if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined;
      // The writer packs numbers of 32 bits several times as fast as `bigint`, and takes larger ones as those alone.
      if (((value as number) | 0) === value) return value;
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    case 'double':
      return typeof value === 'number' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'json':
      return JSON.stringify(value, (_name, inner: unknown) =>
        typeof inner === 'bigint' ? String(inner) : inner,
      );
  }
}
