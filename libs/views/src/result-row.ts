/**
 * How complete a window's numbers are: `filling` while the watermark has not passed its end, `final` after it,
 * `revised` when events within grace changed a result that had been final.
 */
export type RowState = 'filling' | 'final' | 'revised';

/** A value of a row as JSON carries it. */
export type CellValue =
  string | number | boolean | null | readonly CellValue[] | { readonly [name: string]: CellValue };

/** One result of a windowed view; times are epoch milliseconds, the window is `[windowStart, windowEnd)`. */
export interface ResultRow {
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly state: RowState;
  /** 0 for the first result of a window, one more each time it is emitted again. */
  readonly revision: number;
  /** Event time up to which the view was complete when the row was emitted. */
  readonly watermark: number | null;
  readonly [column: string]: CellValue;
}

/** The columns that every windowed result carries beside its key and its aggregates. */
export const RESULT_COLUMNS = ['windowStart', 'windowEnd', 'state', 'revision', 'watermark'] as const;

/** Identifies a row within its view: the key columns' values and the window's start. */
export function rowKey(row: ResultRow, keyColumns: readonly string[]): string {
  return JSON.stringify([...keyColumns.map((name) => row[name] ?? null), row.windowStart]);
}
