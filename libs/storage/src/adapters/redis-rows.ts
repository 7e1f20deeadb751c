import type { Row, Table } from '../contract.ts';

/** Below every safe integer, and so near that what lies above those below 0 are safe integers too. */
const BELOW_ALL_MS = Number.MIN_SAFE_INTEGER - 1;
const TIME_DIGITS = 16;

/**
 * A row's name in Redis, `KEY TIME`. KEY is a JSON array of the key's values, of which none is the beginning of
 * another; TIME sorts as text as it does as a number. So the names of a key's rows are one range of all names.
 */
export function rowId(table: Table, row: Row): string {
  return idOf(keyJson(table, row), timeOf(table, row));
}

/** The name of a key's row at a time. */
export function idOf(key: string, timeMs: number): string {
  return `${key} ${sortable(timeMs)}`;
}

/** The time in a row's name. */
export function idTimeMs(id: string): number {
  const text = id.slice(id.lastIndexOf(' ') + 1);
  return text.startsWith('-') ? Number(text.slice(1)) + BELOW_ALL_MS : Number(text);
}

export function keyJson(table: Table, row: Row): string {
  return JSON.stringify(table.key.map((name) => row[name]));
}

/** A row's time in ms; 0 in a table without time. */
export function timeOf(table: Table, row: Row): number {
  return table.time === undefined ? 0 : (row[table.time] as number);
}

/** Writes a table's rows as JSON, of each the columns alone. */
export function rowFormatter(table: Table): (row: Row) => string {
  const names = table.columns.map(({ name }) => name);
  const known = new Set(names);
  return (row) => {
    for (const name in row) {
      if (!known.has(name)) return JSON.stringify(Object.fromEntries(names.map((one) => [one, row[one]])));
    }
    return JSON.stringify({ ...row });
  };
}

export function parseRow(table: Table, text: string): Row {
  const stored = JSON.parse(text) as Row;
  return Object.fromEntries(table.columns.map(({ name }) => [name, stored[name] ?? null]));
}

/** Negative times, which `-` marks, count up as well; `-` is before all digits. */
function sortable(timeMs: number): string {
  if (timeMs >= 0) return String(timeMs).padStart(TIME_DIGITS, '0');
  return `-${String(timeMs - BELOW_ALL_MS).padStart(TIME_DIGITS, '0')}`;
}
