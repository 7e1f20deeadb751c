import type { Schema } from './schema.ts';

/**
 * The Parsing Canonical Form: what two schemas must share for their data to be read alike. Docs, defaults,
 * aliases and other attributes are gone, names are full.
 *
 * @example
 * canonicalForm(parseSchema('{"type":"int","doc":"seconds"}')); // → '"int"'
 * @see https://avro.apache.org/docs/1.12.0/specification/#parsing-canonical-form-for-schemas
 */
export function canonicalForm(schema: Schema): string {
  return write(schema, new Set());
}

function write(schema: Schema, defined: Set<string>): string {
  switch (schema.type) {
    case 'union':
      return `[${schema.branches.map((branch) => write(branch, defined)).join(',')}]`;
    case 'array':
      return `{"type":"array","items":${write(schema.items, defined)}}`;
    case 'map':
      return `{"type":"map","values":${write(schema.values, defined)}}`;
    case 'record':
    case 'enum':
    case 'fixed': {
      // Names need no escaping: letters, digits, _ and dots.
      if (defined.has(schema.name)) return `"${schema.name}"`;
      defined.add(schema.name);
      const head = `{"name":"${schema.name}","type":"${schema.type}"`;
      if (schema.type === 'fixed') return `${head},"size":${schema.size}}`;
      if (schema.type === 'enum') return `${head},"symbols":${JSON.stringify(schema.symbols)}}`;
      const fields = schema.fields.map(
        (field) => `{"name":"${field.name}","type":${write(field.type, defined)}}`,
      );
      return `${head},"fields":[${fields.join(',')}]}`;
    }
    default:
      return `"${schema.type}"`;
  }
}
