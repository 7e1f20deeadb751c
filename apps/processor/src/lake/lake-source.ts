import type { Column } from '@millrace/storage';
import { type PipelineDefinition, eventTimeOf, sourceColumns } from '@millrace/streams';
import { type TypedSchema, piiFields } from '@millrace/schemas';

/** A source topic as the lake keeps it. */
export interface LakeSource {
  readonly topic: string;
  readonly schema: TypedSchema;
  readonly eventTime: string;
  readonly columns: readonly Column[];
  /** Text about people: kept as pseudonyms. Numbers about people are left out. */
  readonly masked: readonly string[];
}

/** The source topics of pipelines, each once. */
export function lakeSources(definitions: readonly PipelineDefinition[]): LakeSource[] {
  const sources = new Map<string, LakeSource>();
  for (const { topic, schema, ...source } of definitions.flatMap((one) => Object.values(one.sources))) {
    const columns = sourceColumns({ topic, schema, ...source });
    const isPii = new Set(piiFields(schema as TypedSchema));
    const isText = (name: string) => columns.find((column) => column.name === name)?.type === 'string';
    sources.set(topic, {
      topic,
      schema: schema as TypedSchema,
      eventTime: eventTimeOf({ topic, schema, ...source })!,
      columns: columns.filter(({ name }) => !isPii.has(name) || isText(name)),
      masked: [...isPii].filter(isText),
    });
  }
  return [...sources.values()];
}
