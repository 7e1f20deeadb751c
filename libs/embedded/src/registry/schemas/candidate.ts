import { RestError, unprocessable } from '../errors.ts';
import type { SchemaReference } from '../state/records.ts';
import type { RegistryState } from '../state/registry-state.ts';
import {
  contentKey,
  MAX_REFERENCES,
  normalText,
  type ParsedSchema,
  type ParsedSchemas,
} from './parsed-schemas.ts';

/** What a client sends to register, look up or check. */
export interface SchemaRequest {
  readonly schema: string;
  readonly schemaType: string;
  readonly references: readonly SchemaReference[];
  /** Only in mode IMPORT. */
  readonly id?: number;
  readonly version?: number;
}

export interface Candidate extends ParsedSchema {
  readonly text: string;
  readonly named: readonly SchemaReference[];
  readonly content: string;
}

/** Checks the shape of a request's body. @throws RestError 422, 42201 */
export function readSchemaRequest(body: unknown): SchemaRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RestError(422, 'the body must be a JSON object with "schema"');
  }
  const { schema, schemaType = 'AVRO', references = [], id, version } = body as Record<string, unknown>;
  if (typeof schema !== 'string' || schema.trim() === '') {
    throw unprocessable.schema('"schema" must be the schema as a string');
  }
  if (schemaType !== 'AVRO' && schemaType !== null) {
    throw unprocessable.schema(`schema type ${JSON.stringify(schemaType)}: this registry holds AVRO only`);
  }
  return {
    schema,
    schemaType: 'AVRO',
    references: readReferences(references),
    ...(isCount(id) && { id }),
    ...(isCount(version) && { version }),
  };
}

/** Parses a request's schema. @throws RestError 42201, 42209 */
export function candidateOf(
  request: SchemaRequest,
  registry: { state: RegistryState; parsed: ParsedSchemas; normalize: boolean },
): Candidate {
  const named = request.references.map((reference) => resolveLatest(reference, registry.state));
  let parsed = registry.parsed.parse(request.schema, named);
  let text = request.schema.trim();
  if (registry.normalize) {
    text = normalText(text, parsed);
    parsed = registry.parsed.parse(text, named);
  }
  return { ...parsed, text, named, content: contentKey(text, parsed, named) };
}

/** A reference to version −1 is one to the latest; what is stored is the number. */
function resolveLatest(reference: SchemaReference, state: RegistryState): SchemaReference {
  if (reference.version !== -1) return reference;
  const version = state.versions(reference.subject).at(-1)?.version;
  if (version === undefined) {
    throw unprocessable.schema(
      `no schema reference found for subject "${reference.subject}", latest version`,
    );
  }
  return { ...reference, version };
}

function readReferences(references: unknown): SchemaReference[] {
  if (references === null) return [];
  if (!Array.isArray(references) || references.length > MAX_REFERENCES) {
    throw unprocessable.schema(`"references" must be a list of at most ${MAX_REFERENCES} references`);
  }
  return references.map((reference: unknown) => {
    const { name, subject, version } = (reference ?? {}) as Partial<SchemaReference>;
    if (typeof name !== 'string' || typeof subject !== 'string' || !Number.isInteger(version)) {
      throw unprocessable.schema('a reference needs "name", "subject" and "version"');
    }
    return { name, subject, version: version as number };
  });
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}
