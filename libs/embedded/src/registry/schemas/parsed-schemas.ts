import { AvroSchemaError, namedTypes, parseSchema, printSchema, type Schema } from '@millrace/avro';
import { unprocessable } from '../errors.ts';
import type { SchemaReference } from '../state/records.ts';
import type { RegistryState, StoredSchema } from '../state/registry-state.ts';

/** Schemas kept parsed, the last used ones; the others are parsed again from their text. */
const MAX_PARSED = 500;
/** References to schemas with references …: each level is parsed inside the one above. */
const MAX_REFERENCE_DEPTH = 32;
/** Of one schema. */
export const MAX_REFERENCES = 100;
/** An integer that JavaScript's numbers may not hold exactly. */
const LONG_NUMBER = /\d{16}/;

/** A schema with what its references stand for. */
export interface ParsedSchema {
  readonly schema: Schema;
  readonly references: readonly Schema[];
  /** How deep the references go: 0 for none. */
  readonly depth: number;
}

/** Parses the schemas of a registry, references resolved, and finds the id of a schema by what it says. */
export class ParsedSchemas {
  readonly #state: RegistryState;
  readonly #parsed = new Map<StoredSchema, ParsedSchema>();
  readonly #contents = new WeakMap<StoredSchema, string>();
  readonly #byContent = new Map<string, StoredSchema>();

  constructor(state: RegistryState) {
    this.#state = state;
  }

  /** @throws RestError 42201 for a text that is no Avro schema (another registry may have written it) */
  of(stored: StoredSchema): ParsedSchema {
    let parsed = this.#parsed.get(stored);
    if (parsed === undefined) {
      if (stored.schemaType !== 'AVRO')
        throw unprocessable.schema(`schema ${stored.id} is ${stored.schemaType}`);
      parsed = this.parse(stored.text, stored.references);
      if (this.#parsed.size >= MAX_PARSED)
        this.#parsed.delete(this.#parsed.keys().next().value as StoredSchema);
    } else this.#parsed.delete(stored);
    this.#parsed.set(stored, parsed);
    return parsed;
  }

  /** @throws RestError 42201 when the text is no schema or a reference leads nowhere; 42209 when it is too large */
  parse(text: string, references: readonly SchemaReference[]): ParsedSchema {
    const parsed = references.map((reference) => this.#referenced(reference));
    const depth = parsed.reduce((deepest, one) => Math.max(deepest, one.depth + 1), 0);
    if (depth > MAX_REFERENCE_DEPTH) {
      throw unprocessable.schema(
        `its references are ${depth} levels deep, the limit is ${MAX_REFERENCE_DEPTH}`,
      );
    }
    try {
      const schemas = parsed.map(({ schema }) => schema);
      return { schema: parseSchema(text, { references: schemas }), references: schemas, depth };
    } catch (error) {
      if (!(error instanceof AvroSchemaError)) throw error;
      if (error.code === 'AVRO_SCHEMA_TOO_LARGE') throw unprocessable.tooLarge(error.message);
      throw unprocessable.schema(error.message);
    }
  }

  /** What makes two registered schemas the same one: all they say, white space and order of attributes aside. */
  content(stored: StoredSchema): string {
    let content = this.#contents.get(stored);
    if (content === undefined) {
      content = this.#contentOf(stored);
      this.#contents.set(stored, content);
      this.#byContent.set(content, stored);
    }
    return content;
  }

  /** The schema that has this content, under whatever subjects. */
  find(content: string): StoredSchema | undefined {
    for (const stored of this.#state.schemas()) this.content(stored);
    const found = this.#byContent.get(content);
    if (found === undefined || this.#state.schema(found.id) === found) return found;
    // It was deleted for good.
    this.#byContent.delete(content);
    return undefined;
  }

  clear(): void {
    this.#parsed.clear();
    this.#byContent.clear();
  }

  #contentOf(stored: StoredSchema): string {
    if (stored.schemaType === 'AVRO') {
      try {
        return contentKey(stored.text, this.of(stored), stored.references);
      } catch {
        // Written by another registry, with another idea of Avro: only its very text is the same schema.
      }
    }
    return `${stored.schemaType} ${stored.text} ${JSON.stringify(stored.references)}`;
  }

  #referenced(reference: SchemaReference): ParsedSchema {
    const found = this.#state.version(reference.subject, reference.version);
    if (found === undefined) {
      throw unprocessable.schema(
        `no schema reference found for subject "${reference.subject}" and version ${reference.version}`,
      );
    }
    return this.of(found.schema);
  }
}

/** The schema's text in a normal form; types of references are only mentioned. */
export function normalText(text: string, { schema, references }: ParsedSchema): string {
  return LONG_NUMBER.test(text)
    ? text
    : printSchema(schema, { normal: true, external: externalNames(references) });
}

export function contentKey(
  text: string,
  { schema, references }: ParsedSchema,
  named: readonly SchemaReference[],
): string {
  // Printing would round long numbers, and two schemas with different defaults would be one.
  const printed = LONG_NUMBER.test(text)
    ? text
    : printSchema(schema, { external: externalNames(references) });
  return named.length === 0 ? printed : `${printed} ${JSON.stringify(named.map(referenceFields))}`;
}

function externalNames(references: readonly Schema[]): string[] {
  return references.flatMap((reference) => namedTypes(reference).map(({ name }) => name));
}

function referenceFields({ name, subject, version }: SchemaReference): (string | number)[] {
  return [name, subject, version];
}
