import { isWindowed, viewColumns } from '@millrace/streams';
import type { PipelineDefinition, Row } from '@millrace/streams';

/** What changes with the order of arrival, and says nothing about the result. */
const ofArrival = new Set(['state', 'revision', 'watermark']);

export const idOf = (definition: PipelineDefinition, view: string, row: Row): string => {
  const { by = [] } = definition.views[view]!;
  return JSON.stringify([...by.map((name) => row[name]), row['windowStart'] ?? null]);
};

/**
 * What remains of a view's results, in the order in which they were handed out: of a windowed view the last row of each key and
 * window, without windows that are still filling or were retracted; of other views all rows. Sorted, without `ofArrival`.
 * @throws Error for a window that was handed out twice as final
 */
export function finalRows(definition: PipelineDefinition, view: string, rows: readonly Row[]): Row[] {
  const id = (row: Row) => idOf(definition, view, row);
  const names = viewColumns(definition, view)
    .map(({ name }) => name)
    .filter((name) => !ofArrival.has(name));
  const plain = (row: Row): Row => Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
  if (!isWindowed(definition.views[view]!))
    return rows.map(plain).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const last = new Map<string, Row>();
  const finals = new Set<string>();
  for (const row of rows) {
    last.set(id(row), row);
    if (row['state'] === 'retracted') finals.delete(id(row));
    if (row['state'] !== 'final') continue;
    if (finals.has(id(row))) throw new Error(`${view}: ${id(row)} was handed out twice as final`);
    finals.add(id(row));
  }
  return [...last.values()]
    .filter(({ state }) => state === 'final' || state === 'revised')
    .map(plain)
    .sort((a, b) => (id(a) < id(b) ? -1 : 1));
}
