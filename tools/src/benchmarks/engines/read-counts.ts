import { connectRegistry, createReader } from '@millrace/schemas';
import { resultsSchema } from '@millrace/streams';
import type { PipelineDefinition } from '@millrace/streams';
import type { ReadRecord } from './engine.ts';

/** Reads the results of a view `counts` of ours, which is grouped by `field` and counts `clicks`. */
export function readCounts(registryUrl: string, definition: PipelineDefinition, field: string): ReadRecord {
  const reader = createReader<Record<string, unknown>>({
    registry: connectRegistry({ url: registryUrl }),
    schema: JSON.stringify(resultsSchema(definition, 'counts')),
    fields: [field, 'windowStart', 'clicks'],
  });
  const { row } = reader;
  return async (_key, value) => {
    if (reader.read(value, 0, value.length) === 1) await reader.resolve();
    if (reader.read(value, 0, value.length) !== 0)
      throw new Error(`a result cannot be read: ${reader.fault?.message}`);
    return { key: String(row[field]), windowStart: Number(row['windowStart']), count: Number(row['clicks']) };
  };
}
