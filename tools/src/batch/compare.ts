import { isDeepStrictEqual } from 'node:util';
import type { Row, Table } from '@millrace/storage';

/** How far a live row had come, not what it says. */
const progress = new Set(['state', 'revision', 'watermark']);

export interface Difference {
  /** What identifies the row. */
  readonly row: Row;
  /** Absent: the row is on one side only. */
  readonly column?: string;
  readonly batch: unknown;
  readonly stored: unknown;
}

export interface Comparison {
  readonly equal: number;
  /** Rows with a column that differs. */
  readonly different: number;
  readonly onlyBatch: number;
  readonly onlyStored: number;
  /** One for each row that is not equal. */
  readonly differences: readonly Difference[];
}

/** Compares the rows of a table column by column, exactly; `state`, `revision` and `watermark` apart. */
export function compareRows(table: Table, batch: readonly Row[], stored: readonly Row[]): Comparison {
  const names = table.time === undefined ? table.key : [...table.key, table.time];
  const identity = (row: Row): Row => Object.fromEntries(names.map((name) => [name, row[name]]));
  const remaining = new Map(stored.map((row) => [JSON.stringify(identity(row)), row]));
  const differences: Difference[] = [];
  let different = 0;
  for (const row of batch) {
    const id = JSON.stringify(identity(row));
    const other = remaining.get(id);
    remaining.delete(id);
    if (other === undefined) {
      differences.push({ row: identity(row), batch: row, stored: undefined });
      continue;
    }
    const wrong = table.columns.find(
      ({ name }) => !progress.has(name) && !isDeepStrictEqual(plain(row[name]), plain(other[name])),
    );
    if (wrong === undefined) continue;
    different++;
    differences.push({
      row: identity(row),
      column: wrong.name,
      batch: row[wrong.name],
      stored: other[wrong.name],
    });
  }
  const onlyBatch = differences.length - different;
  for (const row of remaining.values())
    differences.push({ row: identity(row), batch: undefined, stored: row });
  return {
    equal: batch.length - onlyBatch - different,
    different,
    onlyBatch,
    onlyStored: remaining.size,
    differences,
  };
}

/** As stores give values back: what is not there is null, objects are plain. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? (JSON.parse(JSON.stringify(value)) as unknown) : value;
}
