import type { CellValue, Column, ResultRow } from '@millrace/views';
import type { ServedView } from './catalogue.ts';

/** The last instant that a `Date` can be. */
const FOREVER_MS = 8_640_000_000_000_000;

/**
 * A row as JSON carries it, out of what a store or a decoded record gives: the view's columns alone, nothing else. A row of
 * a view without windows is final, at its own time; where rows have no time, for ever.
 */
export function toResultRow(view: ServedView, values: Readonly<Record<string, unknown>>): ResultRow {
  const cells = Object.fromEntries(
    view.columns.map((column) => [column.name, toCell(column, values[column.name])]),
  );
  if (view.timeOf === 'windows') return cells as unknown as ResultRow;
  const timeMs = view.timeColumn === undefined ? undefined : Number(cells[view.timeColumn]);
  const windowStart = timeMs ?? 0;
  return {
    ...cells,
    windowStart,
    windowEnd: timeMs === undefined ? FOREVER_MS : timeMs + 1,
    state: 'final',
    revision: 0,
    watermark: null,
  };
}

function toCell({ type }: Column, value: unknown): CellValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.getTime();
  if (type === 'boolean' && typeof value === 'number') return value !== 0;
  if (type === 'json' && typeof value === 'string') return parseJson(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return value as CellValue;
}

function parseJson(text: string): CellValue {
  try {
    return JSON.parse(text) as CellValue;
  } catch {
    return text;
  }
}

/**
 * The key columns and window start (the row's time, where there are no windows) of a results record's key, the JSON array
 * `[ ...key columns, time ]`; undefined where it is none.
 */
export function readRowKey(
  view: ServedView,
  key: Buffer | null,
): ({ windowStart: number } & Record<string, CellValue>) | undefined {
  let values: unknown;
  try {
    values = JSON.parse(key?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
  if (!Array.isArray(values) || values.length < view.keyColumns.length) return undefined;
  const named = view.keyColumns.map((name, index) => [name, values[index] as CellValue] as const);
  return { ...Object.fromEntries(named), windowStart: Number(values[view.keyColumns.length] ?? 0) };
}
