import { createReader, type ReaderOptions, type ValueReader } from './reading/create-reader.ts';
import { agree } from './registry/agree.ts';
import type { Registry } from './registry/registry.ts';
import { subjectName, type SubjectNaming } from './registry/subject-name.ts';
import { createWriter, type ValueWriter } from './producing/create-writer.ts';
import type { SchemaInput } from './typed-schema.ts';

export interface SerdesOptions {
  readonly registry: Registry;
  readonly naming?: SubjectNaming;
  readonly autoRegister?: boolean;
  readonly onWaiting?: ReaderOptions<unknown>['onWaiting'];
}

export interface Serdes {
  reader(of: { topic: string; schema: SchemaInput; fields?: readonly string[] }): ValueReader;
  writer(of: { topic: string; schema: SchemaInput }): Promise<ValueWriter>;
  /** The id under which the registry has agreed to the schema; for code that encodes by itself. */
  schemaId(of: { topic: string; schema: SchemaInput; kind: 'key' | 'value' }): Promise<number>;
}

/** Readers and writers by topic, for the stream runtime. */
export function createSerdes({ registry, naming = 'topic', autoRegister, onWaiting }: SerdesOptions): Serdes {
  const register = autoRegister === undefined ? {} : { autoRegister };
  return {
    reader: ({ schema, fields }) =>
      createReader<Record<string, unknown>>({
        registry,
        schema: schema as SchemaInput<Record<string, unknown>>,
        ...(fields && { fields }),
        ...(onWaiting && { onWaiting }),
      }),
    writer: ({ topic, schema }) => {
      const subject = subjectName(naming, { topic, schema, part: 'value' });
      return createWriter({ registry, subject, schema, ...register });
    },
    schemaId: ({ topic, schema, kind }) => {
      const subject = subjectName(naming, { topic, schema, part: kind });
      return agree({ registry, subject, schema, ...register });
    },
  };
}
