import type { SchemaVersion, StoredSchema } from '../state/registry-state.ts';

/** A schema under its id, as the API gives it: type and references only where they say something. */
export function schemaAnswer(schema: StoredSchema): object {
  const { schemaType, references, text } = schema;
  return {
    schema: text,
    ...(schemaType !== 'AVRO' && { schemaType }),
    ...(references.length > 0 && { references }),
  };
}

export function versionAnswer({ subject, version, schema }: SchemaVersion): object {
  return { subject, version, id: schema.id, ...schemaAnswer(schema) };
}
