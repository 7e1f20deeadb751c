import { AvroSchemaError } from '../errors.ts';
import type { Json, JsonObject } from '../schema.ts';

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function requiredText(json: JsonObject, attribute: string, what: string, path: string): string {
  const value = Object.hasOwn(json, attribute) ? json[attribute] : undefined;
  if (typeof value !== 'string') {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', path, `${what} needs "${attribute}", a string`);
  }
  return value;
}

/** An object with that one attribute, or an empty one where it is absent: made to be spread. */
export function optionalText<K extends string>(
  json: JsonObject,
  attribute: K,
  path: string,
): { [P in K]?: string } {
  if (!Object.hasOwn(json, attribute)) return {};
  const value = json[attribute];
  if (typeof value !== 'string') {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', path, `"${attribute}" must be a string`);
  }
  return { [attribute]: value } as { [P in K]?: string };
}

export function requiredArray(
  json: JsonObject,
  attribute: string,
  what: string,
  path: string,
): readonly Json[] {
  const value = Object.hasOwn(json, attribute) ? json[attribute] : undefined;
  if (!Array.isArray(value)) {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', path, `${what} needs "${attribute}", an array`);
  }
  return value as readonly Json[];
}

/** undefined where the attribute is absent. */
export function textArray(
  json: JsonObject,
  attribute: string,
  what: string,
  path: string,
): readonly string[] | undefined {
  if (!Object.hasOwn(json, attribute)) return undefined;
  const values = requiredArray(json, attribute, what, path);
  if (!values.every((value) => typeof value === 'string')) {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', path, `"${attribute}" of ${what} may hold strings only`);
  }
  return values as readonly string[];
}

/** `{ props }` with the attributes not named, or `{}`. Without a prototype: a name like `__proto__` is only a name. */
export function otherAttributes(json: JsonObject, known: readonly string[]): { props?: JsonObject } {
  const names = Object.keys(json).filter((name) => !known.includes(name));
  if (names.length === 0) return {};
  const props = Object.create(null) as Record<string, Json>;
  for (const name of names) props[name] = json[name] as Json;
  return { props };
}

/** A value for an error message: short, whatever it is. */
export function shown(value: Json | undefined): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : '[…]';
  if (typeof value === 'object' && value !== null) return '{…}';
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
