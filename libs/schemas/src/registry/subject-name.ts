import { isNamed, typeName } from '@millrace/avro';
import { toSchema, type SchemaInput } from '../typed-schema.ts';

/** How a subject is called: by topic (the default everywhere), by the record's full name, or by both. */
export type SubjectNaming = 'topic' | 'record' | 'topic-record';

export interface Named {
  readonly topic: string;
  readonly schema: SchemaInput;
  readonly part: 'key' | 'value';
}

/** @see https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html */
export function subjectName(naming: SubjectNaming, { topic, schema, part }: Named): string {
  if (naming === 'topic') return `${topic}-${part}`;
  const parsed = toSchema(schema);
  if (!isNamed(parsed))
    throw new TypeError(`subjects are named "${naming}", but a ${parsed.type} has no name`);
  return naming === 'record' ? typeName(parsed) : `${topic}-${typeName(parsed)}`;
}
