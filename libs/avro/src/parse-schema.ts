import { DEFAULT_SCHEMA_LIMITS, type SchemaLimits } from './limits.ts';
import { readJson } from './parse/json-text.ts';
import { parseType } from './parse/parse-type.ts';
import { Parsing } from './parse/parsing.ts';
import type { Json, Schema } from './schema.ts';

export interface ParseOptions {
  readonly limits?: Partial<SchemaLimits>;
  /** Schemas whose named types may be used by name, as a registry's references allow. */
  readonly references?: readonly Schema[];
}

/**
 * Reads and checks a schema: names, unions, defaults, symbols, sizes, limits. A string is JSON text
 * (so the primitive type is `'"int"'`); an object or array is that JSON already parsed.
 *
 * @example
 * const schema = parseSchema('{"type":"enum","name":"shop.Size","symbols":["S","L"]}');
 * schema.type; // → 'enum'
 * @throws AvroSchemaError with the code and the path of the first fault
 * @see https://avro.apache.org/docs/1.12.0/specification/
 */
export function parseSchema(input: string | Json, options: ParseOptions = {}): Schema {
  const limits = { ...DEFAULT_SCHEMA_LIMITS, ...options.limits };
  const json = typeof input === 'string' ? readJson(input, limits) : input;
  const parsing = new Parsing(limits, options.references ?? []);
  const schema = parseType(json, { path: '', namespace: '', depth: 0 }, parsing);
  parsing.checkDefaults();
  return schema;
}
