/** A field's default, given as JSON in its schema, as the value that decoders give and encoders take. */
import type { Json, JsonObject, Schema } from '../schema.ts';
import { decimalText } from './decimal.ts';
import { dateText, durationValue, uuidValue } from './logical-values.ts';
import { branchKey, isExact, isWrapped } from './representation.ts';

/** Fresh objects at every call, so that no two decoded values share one. */
export function defaultOf(schema: Schema, json: Json): unknown {
  switch (schema.type) {
    case 'long':
      return isExact(schema) ? BigInt(json as number) : json;
    case 'int':
      return schema.logicalType === 'date' ? dateText(json as number) : json;
    case 'bytes':
    case 'fixed':
      return bytesDefault(schema, json as string);
    case 'array':
      return (json as readonly Json[]).map((item) => defaultOf(schema.items, item));
    case 'map': {
      const map = Object.create(null) as Record<string, unknown>;
      for (const [key, value] of Object.entries(json as JsonObject))
        map[key] = defaultOf(schema.values, value);
      return map;
    }
    case 'record':
      return Object.fromEntries(
        schema.fields.map((field) => {
          const given = (json as JsonObject)[field.name];
          return [field.name, defaultOf(field.type, given === undefined ? (field.default ?? null) : given)];
        }),
      );
    case 'union': {
      const branch = schema.branches.find((candidate) => fits(candidate, json)) ?? schema.branches[0];
      const value = defaultOf(branch as Schema, json);
      const wrapped = isWrapped(schema) && branch?.type !== 'null';
      return wrapped ? { [branchKey(branch as Schema)]: value } : value;
    }
    default:
      return json;
  }
}

function bytesDefault(schema: Extract<Schema, { type: 'bytes' | 'fixed' }> | Schema, text: string): unknown {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  if (schema.type !== 'bytes' && schema.type !== 'fixed') return bytes;
  switch (schema.logicalType) {
    case 'decimal':
      return decimalText(bytes, 0, bytes.length, schema.scale ?? 0);
    case 'duration':
      return durationValue(bytes, 0);
    case 'uuid':
      return uuidValue(bytes, 0);
    default:
      return bytes;
  }
}

/** Which branch of a union a default belongs to; the default as a whole has been checked already. */
function fits(schema: Schema, json: Json): boolean {
  switch (schema.type) {
    case 'null':
      return json === null;
    case 'boolean':
      return typeof json === 'boolean';
    case 'int':
      return Number.isInteger(json) && Math.abs(json as number) < 2 ** 31;
    case 'long':
      return Number.isInteger(json);
    case 'float':
    case 'double':
      return typeof json === 'number';
    case 'string':
    case 'bytes':
      return typeof json === 'string';
    case 'fixed':
      return typeof json === 'string' && json.length === schema.size;
    case 'enum':
      return typeof json === 'string' && schema.symbols.includes(json);
    case 'array':
      return Array.isArray(json);
    case 'record':
      return (
        isObject(json) && schema.fields.every((field) => field.hasDefault || Object.hasOwn(json, field.name))
      );
    case 'map':
      return isObject(json);
    case 'union':
      return schema.branches.some((branch) => fits(branch, json));
  }
}

function isObject(json: Json): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
