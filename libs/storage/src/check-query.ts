import type { Capabilities, ReadQuery, Row, Table } from './contract.ts';
import { StorageError } from './errors.ts';
import { rowChecker } from './check-rows.ts';

/**
 * Checks a read before a store sees it.
 *
 * @throws StorageError `STORAGE_QUERY`
 */
export function checkQuery(table: Table, query: ReadQuery, limits: Capabilities): void {
  const refuse = (what: string): never => {
    throw new StorageError('STORAGE_QUERY', `a read of table ${table.name} ${what}.`);
  };
  if (query.limit !== undefined && !(Number.isSafeInteger(query.limit) && query.limit >= 0)) {
    refuse(`has the limit ${query.limit}, which is not a whole number from 0`);
  }
  for (const name of ['fromMs', 'toMs'] as const) {
    const timeMs = query[name];
    if (timeMs === undefined) continue;
    if (table.time === undefined) refuse(`asks by time, but the table has no time column`);
    if (!Number.isSafeInteger(timeMs))
      refuse(`has the ${name} ${timeMs}, which is not whole epoch milliseconds`);
  }
  if (query.key === undefined) return;
  const { time: _, ...keyOnly } = table;
  if (table.key.length === 0) refuse('asks by key, but the table has no key columns');
  try {
    rowChecker(keyOnly, limits).keys([query.key]);
  } catch (cause) {
    throw new StorageError(
      'STORAGE_QUERY',
      `a read by key must name all key columns: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

/** Identifies a key within a table, and sorts nothing. */
export function keyText(columns: readonly string[], row: Row): string {
  if (columns.length === 1) return String(row[columns[0] as string]);
  return JSON.stringify(columns.map((name) => row[name]));
}
