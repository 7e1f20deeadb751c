import { viewColumns } from '@millrace/streams';
import type { PipelineDefinition, Row } from '@millrace/streams';

/** The row that a tombstone takes away: its key says which. */
export function retractedRow(definition: PipelineDefinition, view: string, key: string): Row {
  const { by = [] } = definition.views[view]!;
  const values = JSON.parse(key) as unknown[];
  return {
    ...Object.fromEntries(by.map((name, at) => [name, values[at]])),
    windowStart: values[by.length] ?? null,
    state: 'retracted',
  };
}

/** A row as it was decoded, with the columns parsed that hold JSON. */
export function parsedRow(definition: PipelineDefinition, view: string, row: Record<string, unknown>): Row {
  const isJson = new Set(
    viewColumns(definition, view)
      .filter(({ type }) => type === 'json')
      .map(({ name }) => name),
  );
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      isJson.has(name) && typeof value === 'string' ? (JSON.parse(value) as unknown) : value,
    ]),
  );
}
