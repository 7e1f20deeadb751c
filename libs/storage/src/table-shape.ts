import type { Column, Table } from './contract.ts';
import { StorageError } from './errors.ts';
import { identityColumns } from './table.ts';

/** What a store says of a table that it has. */
export interface FoundTable {
  /** The store's type names by column. */
  readonly columns: ReadonlyMap<string, string>;
  /** The columns of its primary key, in order. */
  readonly identity: readonly string[];
}

/**
 * The error for a table whose columns or key are not the ones that are wanted, if there is one. Columns that
 * the table lacks are no error: they are added.
 *
 * @param types the store's name of each column type
 */
export function shapeError(
  table: Table,
  types: Readonly<Record<Column['type'], string>>,
  found: FoundTable,
): StorageError | undefined {
  const wrong = difference(table, types, found);
  if (wrong === undefined) return undefined;
  const remedy = 'give the view another name, or drop the table if its rows are not needed';
  return new StorageError(
    'STORAGE_TABLE_SHAPE',
    `table ${table.name} is there with another shape: ${wrong}; ${remedy}.`,
  );
}

function difference(
  table: Table,
  types: Readonly<Record<Column['type'], string>>,
  found: FoundTable,
): string | undefined {
  const identity = identityColumns(table).map((column) => column.name);
  if (identity.join() !== found.identity.join()) {
    return `its key is (${found.identity.join(', ')}), not (${identity.join(', ')})`;
  }
  for (const column of table.columns) {
    const type = found.columns.get(column.name);
    const wanted = types[column.type];
    if (type !== undefined && type.toLowerCase() !== wanted.toLowerCase()) {
      return `its column ${column.name} is ${type}, not ${wanted}`;
    }
    const folded = [...found.columns.keys()].find(
      (name) => name !== column.name && name.toLowerCase() === column.name.toLowerCase(),
    );
    if (type === undefined && folded !== undefined)
      return `its column is named ${folded}, not ${column.name}`;
  }
  return undefined;
}

/** The error for a table that the store does not have. */
export function missingTable(table: Table, cause?: unknown): StorageError {
  const remedy = 'call ensureTable, then write all of its rows again';
  return new StorageError(
    'STORAGE_TABLE_MISSING',
    `there is no table ${table.name} in the store: ${remedy}.`,
    { cause },
  );
}
