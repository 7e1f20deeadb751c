import type { Column, Row, Table } from '../contract.ts';

/** A value as the driver takes it for its column's type; null deletes what an earlier row had there. */
export function toStore(column: Column, value: unknown): unknown {
  if (value == null) return null;
  if (column.type === 'long') return BigInt(value as number);
  if (column.type === 'timestamp') return new Date(value as number);
  return column.type === 'json' ? JSON.stringify(value) : value;
}

/** A row as the driver gives it (whole numbers as `bigint`, times as `Date`), with our own types. */
export function fromStore(table: Table, found: Readonly<Record<string, unknown>>): Row {
  const row: Record<string, unknown> = {};
  for (const { name, type } of table.columns) {
    const value = found[name] ?? null;
    if (value === null) row[name] = null;
    else if (type === 'long') row[name] = Number(value);
    else if (type === 'timestamp') row[name] = (value as Date).getTime();
    else if (type === 'json') row[name] = JSON.parse(value as string);
    else row[name] = value;
  }
  return row;
}
