import type { AvroRecord, AvroType, ColumnType } from './avro-types.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';
import { viewColumns } from './view-columns.ts';
import type { ViewColumn } from './view-columns.ts';

const avroTypes: Record<ColumnType, AvroType> = {
  string: 'string',
  long: 'long',
  double: 'double',
  boolean: 'boolean',
  timestamp: { type: 'long', logicalType: 'timestamp-millis' },
  // JSON text: what has no column type of its own, such as the list of a top-N aggregate.
  json: 'string',
};

const schemaName = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join('');

const schemaField = ({ name, type, nullable, unit }: ViewColumn) => ({
  name,
  type: nullable ? (['null', avroTypes[type]] as const) : avroTypes[type],
  ...(nullable ? { default: null } : {}),
  ...(unit === undefined ? {} : { unit }),
  ...(type === 'json' ? { json: true } : {}),
});

/** The Avro schema of a view's results topic. Columns of type `json` are strings of JSON text, marked `"json": true`. */
export function resultsSchema(definition: PipelineDefinition, view: string): AvroRecord {
  return {
    type: 'record',
    name: schemaName(view),
    namespace: `io.millrace.results.${schemaName(definition.name).toLowerCase()}`,
    fields: viewColumns(definition, view).map(schemaField),
  };
}
