import type { Capabilities, Column, Row, Table } from './contract.ts';
import { StorageError } from './errors.ts';
import { identityColumns } from './table.ts';

/** Most refused rows that a message describes. */
const DESCRIBED = 3;

/** Says what is wrong with a value, or nothing. */
type Check = (value: unknown) => string | undefined;

/** Refuses rows that do not fit a table or its store. */
export interface RowChecker {
  /** @throws StorageError `STORAGE_ROW` with the indexes of all refused rows */
  rows(rows: readonly Row[]): void;
  /** Checks the identifying columns alone. @throws StorageError `STORAGE_ROW` */
  keys(rows: readonly Row[]): void;
}

/** Makes the checks of a table once, so that a row costs one call per column. */
export function rowChecker(table: Table, limits: Capabilities): RowChecker {
  const identity = identityColumns(table);
  const keyNames = table.key;
  const textNames = table.columns
    .filter(({ type }) => type === 'string' || type === 'json')
    .map(({ name }) => name);
  const all = table.columns.map((column) => ({ name: column.name, check: valueCheck(column, limits) }));
  const identifying = identity.map((column) => ({ name: column.name, check: valueCheck(column, limits) }));
  // Text that is short by any encoding needs no second look.
  const leastBytes = Math.min(limits.maxKeyBytes, limits.maxRowBytes);

  const problem = (row: Row, checks: typeof all): string | undefined => {
    let length = 0;
    for (const { name, check } of checks) {
      const value = row[name];
      const wrong = check(value);
      if (wrong !== undefined) return `column ${name} ${wrong}`;
      if (typeof value === 'string') length += value.length;
      else if (value !== null && typeof value === 'object') length = Infinity;
    }
    if (3 * length + 24 * checks.length <= leastBytes) return undefined;
    if (exceeds(row, keyNames, limits.maxKeyBytes)) {
      return `its key has more than the ${limits.maxKeyBytes} bytes that this store takes; use a shorter key, such as a hash`;
    }
    if (checks === all && exceeds(row, textNames, limits.maxRowBytes)) {
      return `its text has more than the ${limits.maxRowBytes} bytes that this store takes in a row`;
    }
    return undefined;
  };
  const checkAll = (rows: readonly Row[], checks: typeof all): void => {
    let refused: { index: number; why: string }[] | undefined;
    for (let index = 0; index < rows.length; index++) {
      const why = problem(rows[index] as Row, checks);
      if (why !== undefined) (refused ??= []).push({ index, why });
    }
    if (refused === undefined) return;
    const described = refused.slice(0, DESCRIBED).map(({ index, why }) => `row ${index}: ${why}`);
    const more = refused.length > DESCRIBED ? ` (and ${refused.length - DESCRIBED} more rows)` : '';
    throw new StorageError(
      'STORAGE_ROW',
      `table ${table.name} refuses ${described.join('; ')}${more}. Nothing was written: mend these rows or leave them out.`,
      { rows: refused.map(({ index }) => index) },
    );
  };
  return { rows: (rows) => checkAll(rows, all), keys: (rows) => checkAll(rows, identifying) };
}

function valueCheck(column: Column, limits: Capabilities): Check {
  const check = typeChecks[column.type](limits);
  if (column.nullable) return (value) => (value == null ? undefined : check(value));
  return (value) => (value == null ? 'is null but not nullable' : check(value));
}

const typeChecks: Record<Column['type'], (limits: Capabilities) => Check> = {
  string: (limits) => (value) => {
    if (typeof value !== 'string') return `is ${shown(value)}, not text`;
    return textProblem(value, limits);
  },
  long: () => (value) =>
    Number.isSafeInteger(value) ? undefined : `is ${shown(value)}, not a whole number within ±(2^53 − 1)`,
  double: () => (value) => (Number.isFinite(value) ? undefined : `is ${shown(value)}, not a finite number`),
  boolean: () => (value) =>
    typeof value === 'boolean' ? undefined : `is ${shown(value)}, not true or false`,
  timestamp: (limits) => (value) => {
    if (!Number.isSafeInteger(value)) return `is ${shown(value)}, not whole epoch milliseconds`;
    const timeMs = value as number;
    if (timeMs >= limits.minTimestampMs && timeMs <= limits.maxTimestampMs) return undefined;
    return `is ${timeMs} ms, beyond this store's range of ${limits.minTimestampMs} to ${limits.maxTimestampMs} ms`;
  },
  json: (limits) => (value) => {
    try {
      const text = JSON.stringify(value, refuseNonFinite);
      if (text === undefined) return `is ${shown(value)}, not a JSON value`;
      return !limits.nulInText && text.includes('\\u0000')
        ? 'contains U+0000, which this store does not take'
        : undefined;
    } catch (error) {
      return `is not a JSON value: ${(error as Error).message}`;
    }
  },
};

function refuseNonFinite(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is in it`);
  return value;
}

function textProblem(value: string, limits: Capabilities): string | undefined {
  // A lone surrogate would be written as U+FFFD and make two keys one.
  if (!value.isWellFormed()) return 'has a lone surrogate, which is no text';
  if (!limits.nulInText && value.includes('\0')) return 'contains U+0000, which this store does not take';
  return undefined;
}

function exceeds(row: Row, names: readonly string[], maxBytes: number): boolean {
  let most = 0;
  for (const name of names) most += 3 * textLength(row[name]);
  if (most <= maxBytes) return false;
  let bytes = 0;
  for (const name of names) bytes += textBytes(row[name]);
  return bytes > maxBytes;
}

function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return value !== null && typeof value === 'object' ? JSON.stringify(value).length : 8;
}

function textBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value !== null && typeof value === 'object' ? Buffer.byteLength(JSON.stringify(value)) : 8;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'object' ? 'an object' : String(value);
}
