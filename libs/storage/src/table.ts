import type { Column, Table } from './contract.ts';
import { StorageError } from './errors.ts';

/** Of tables: Postgres's limit. Of columns and the space that a table lies in: that of Cassandra's keyspaces. */
const MAX_TABLE_LENGTH = 63;
const MAX_NAME_LENGTH = 48;
const namePattern = /^[A-Za-z][A-Za-z0-9_]*$/;
const types = new Set(['string', 'long', 'double', 'boolean', 'timestamp', 'json']);
const keyTypes = new Set(['string', 'long', 'boolean', 'timestamp']);

/** The columns that identify a row, in order: the key's, then the time. */
export function identityColumns(table: Table): Column[] {
  const names = table.time === undefined ? table.key : [...table.key, table.time];
  return names.map((name) => columnOf(table, name));
}

/** The columns that do not identify a row. */
export function valueColumns(table: Table): Column[] {
  const identity = new Set(identityColumns(table).map((column) => column.name));
  return table.columns.filter((column) => !identity.has(column.name));
}

/**
 * Checks that a description can be a table in every store.
 *
 * @throws StorageError `STORAGE_TABLE`
 */
export function checkTable(table: Table): void {
  const refuse = (what: string): never => {
    throw new StorageError('STORAGE_TABLE', `table ${JSON.stringify(table.name)}: ${what}.`);
  };
  const checkName = (name: unknown, what: string, maxLength = MAX_NAME_LENGTH): void => {
    if (typeof name === 'string' && name.length <= maxLength && namePattern.test(name)) return;
    const rule = `a letter, then letters, digits and "_", at most ${maxLength} in all`;
    refuse(`${what} ${JSON.stringify(name)?.slice(0, 80)} is not a name that every store takes; use ${rule}`);
  };
  const parts = typeof table.name === 'string' ? table.name.split('.', 3) : [table.name];
  if (parts.length > 2) refuse('its name has more than two parts; write NAME or SPACE.NAME');
  if (parts.length === 2) checkName(parts[0], 'the space of its name');
  checkName(parts.at(-1), 'its name', MAX_TABLE_LENGTH);
  if (table.columns.length === 0) refuse('it has no columns; give at least one');
  const seen = new Set<string>();
  for (const column of table.columns) {
    checkName(column.name, 'the column name');
    if (!types.has(column.type)) refuse(`column ${column.name} has the unknown type ${String(column.type)}`);
    const folded = column.name.toLowerCase();
    if (seen.has(folded))
      refuse(`column ${column.name} is there twice (upper and lower case are the same in SQL)`);
    seen.add(folded);
  }
  const identity = new Set<string>();
  for (const name of table.time === undefined ? table.key : [...table.key, table.time]) {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column === undefined)
      return refuse(`its key names the column ${JSON.stringify(name)}, which it lacks`);
    if (column.nullable) refuse(`key column ${name} is nullable; what identifies a row must be there`);
    if (!keyTypes.has(column.type))
      refuse(`key column ${name} is of type ${column.type}, which cannot be a key`);
    if (identity.has(name)) refuse(`column ${name} is in its key twice`);
    identity.add(name);
  }
  if (identity.size === 0) refuse('it has neither key nor time; a row must be identified by something');
  if (table.time !== undefined && columnOf(table, table.time).type !== 'timestamp') {
    refuse(`its time column ${table.time} is not of type timestamp`);
  }
  if (
    table.retentionMs !== undefined &&
    !(Number.isSafeInteger(table.retentionMs) && table.retentionMs > 0)
  ) {
    refuse(`its retentionMs ${table.retentionMs} is not a whole number above 0`);
  }
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  throw new StorageError('STORAGE_TABLE', `table ${table.name} has no column ${JSON.stringify(name)}.`);
}
