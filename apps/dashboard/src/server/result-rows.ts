import type { CellValue, Column, ResultRow } from '@millrace/views';
import type { ServedView } from './catalogue.ts';

/** A row as JSON carries it, out of what a store or a decoded record gives: the view's columns alone, nothing else. */
export function toResultRow(view: ServedView, values: Readonly<Record<string, unknown>>): ResultRow {
  return Object.fromEntries(
    view.columns.map((column) => [column.name, toCell(column, values[column.name])]),
  ) as unknown as ResultRow;
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
 * The key columns and window start of a results record's key, the JSON array `[ ...key columns, windowStart ]`;
 * undefined where it is none.
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
