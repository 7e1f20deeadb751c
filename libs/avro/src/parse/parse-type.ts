import { AvroSchemaError } from '../errors.ts';
import { checkFullName, PRIMITIVES, qualify } from '../names.ts';
import {
  typeName,
  type Json,
  type JsonObject,
  type PrimitiveName,
  type Schema,
  type UnionSchema,
} from '../schema.ts';
import { isObject, otherAttributes, requiredText, shown } from './json-object.ts';
import { logicalOf } from './logical-type.ts';
import { parseEnum, parseFixed } from './parse-named.ts';
import { parseRecord } from './parse-record.ts';
import { step, type Parsing, type Place } from './parsing.ts';

/** A schema, or any type inside one. @throws AvroSchemaError */
export function parseType(json: Json, place: Place, parsing: Parsing): Schema {
  if (place.depth > parsing.limits.maxDepth) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_TOO_DEEP',
      place.path.slice(0, 200),
      `types nest deeper than ${parsing.limits.maxDepth} levels; flatten the schema or raise maxDepth`,
    );
  }
  if (typeof json === 'string') return parseName(json, place, parsing);
  if (Array.isArray(json)) return parseUnion(json as readonly Json[], place, parsing);
  if (!isObject(json)) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_INVALID',
      place.path,
      `a schema is a type name, an object or an array (a union), not ${shown(json)}`,
    );
  }
  return parseObject(json, place, parsing);
}

function parseObject(json: JsonObject, place: Place, parsing: Parsing): Schema {
  const type = requiredText(json, 'type', 'a type', place.path);
  switch (type) {
    case 'record':
      return parseRecord(json, place, parsing);
    case 'enum':
      return parseEnum(json, place, parsing);
    case 'fixed':
      return parseFixed(json, place, parsing);
    case 'array':
      return {
        type,
        items: parseInner(json, 'items', place, parsing),
        ...otherAttributes(json, ['type', 'items']),
      };
    case 'map':
      return {
        type,
        values: parseInner(json, 'values', place, parsing),
        ...otherAttributes(json, ['type', 'values']),
      };
    default:
      if (!PRIMITIVES.has(type)) return parseName(type, { ...place, path: `${place.path}/type` }, parsing);
      return {
        type: type as PrimitiveName,
        ...logicalOf(type, json),
        ...otherAttributes(json, ['type']),
      };
  }
}

function parseInner(json: JsonObject, attribute: 'items' | 'values', place: Place, parsing: Parsing): Schema {
  if (!Object.hasOwn(json, attribute)) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_INVALID',
      place.path,
      `a type "${json['type'] as string}" needs "${attribute}"`,
    );
  }
  return parseType(json[attribute] as Json, step(place, `/${attribute}`), parsing);
}

function parseName(name: string, { path, namespace }: Place, parsing: Parsing): Schema {
  if (PRIMITIVES.has(name)) return { type: name as PrimitiveName };
  const found = parsing.find(qualify(name, namespace));
  if (found !== undefined) return found;
  checkFullName(name, 'the name of a type', path);
  throw new AvroSchemaError(
    'AVRO_SCHEMA_UNKNOWN_TYPE',
    path,
    `there is no type ${qualify(name, namespace)} here: define it before its first use, or write its full name`,
  );
}

function parseUnion(json: readonly Json[], place: Place, parsing: Parsing): UnionSchema {
  parsing.countFields(json.length, place.path);
  const taken = new Set<string>();
  const branches = json.map((branch, index) => {
    const inner = step(place, `/${index}`);
    const schema = parseType(branch, inner, parsing);
    if (schema.type === 'union') {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_UNION',
        inner.path,
        'a union may not contain a union: list its branches in the outer one',
      );
    }
    if (taken.has(typeName(schema))) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_UNION',
        inner.path,
        `a union may hold ${typeName(schema)} only once (logical types do not tell branches apart)`,
      );
    }
    taken.add(typeName(schema));
    return schema;
  });
  return { type: 'union', branches };
}
