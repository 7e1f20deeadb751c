import type { Row, Table } from './contract.ts';
import { keyText } from './check-query.ts';
import { identityColumns } from './table.ts';

/** The rows without those that a later one of the same identity replaces; the same array when there are none. */
export function lastOfEach(table: Table, rows: readonly Row[]): readonly Row[] {
  const names = identityColumns(table).map((column) => column.name);
  const last = new Map<string, Row>();
  for (const row of rows) last.set(keyText(names, row), row);
  return last.size === rows.length ? rows : [...last.values()];
}
