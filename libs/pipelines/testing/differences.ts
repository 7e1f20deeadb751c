import type { PipelineDefinition, Row } from '@millrace/streams';
import { idOf } from './final-rows.ts';

/** Sums of numbers depend on their order in the last digits. */
const tolerance = 1e-9;

/** What `found` has otherwise than `expected`, in words; only the columns that `expected` has are compared. */
export function differences(
  definition: PipelineDefinition,
  view: string,
  { found, expected }: { found: readonly Row[]; expected: readonly Row[] },
): string[] {
  const columns = Object.keys(expected[0] ?? {});
  const id = (row: Row) => `${view} ${idOf(definition, view, row)}`;
  const left = Map.groupBy(found, id);
  const words: string[] = [];
  for (const [key, wanted] of Map.groupBy(expected, id)) {
    const rows = left.get(key) ?? [];
    left.delete(key);
    if (rows.length !== wanted.length) words.push(`${key}: ${rows.length} times instead of ${wanted.length}`);
    // Rows of one key in a view without windows: their order is not compared.
    const isSame = (a: Row, b: Row) => columns.every((name) => isClose(a[name], b[name]));
    for (const row of wanted) {
      const at = rows.findIndex((one) => isSame(one, row));
      if (at >= 0) rows.splice(at, 1);
      else if (rows.length > 0)
        words.push(...unlike(columns, rows[0]!, row).map((text) => `${key}: ${text}`));
    }
  }
  for (const [key, rows] of left) words.push(`${key}: ${rows.length} times instead of 0`);
  return words;
}

const unlike = (columns: readonly string[], found: Row, wanted: Row): string[] =>
  columns
    .filter((name) => !isClose(found[name], wanted[name]))
    .map((name) => `${name} is ${JSON.stringify(found[name])} instead of ${JSON.stringify(wanted[name])}`);

function isClose(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
  if (typeof a !== 'object' || typeof b !== 'object' || a == null || b == null)
    return (a ?? null) === (b ?? null);
  const names = Object.keys({ ...a, ...b });
  return names.every((name) => isClose((a as Row)[name], (b as Row)[name]));
}
