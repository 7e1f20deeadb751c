import { AvroSchemaError } from '../errors.ts';
import { checkSimpleName, namespaceOf } from '../names.ts';
import type { Field, Json, JsonObject, RecordSchema } from '../schema.ts';
import {
  isObject,
  optionalText,
  otherAttributes,
  requiredArray,
  requiredText,
  textArray,
  shown,
} from './json-object.ts';
import { parseHeader } from './parse-named.ts';
import { parseType } from './parse-type.ts';
import { step, type Parsing, type Place } from './parsing.ts';

const ORDERS: readonly unknown[] = [undefined, 'ascending', 'descending', 'ignore'];

/** @throws AvroSchemaError */
export function parseRecord(json: JsonObject, place: Place, parsing: Parsing): RecordSchema {
  const fields: Field[] = [];
  const record: RecordSchema = {
    type: 'record',
    ...parseHeader(json, place, parsing),
    fields,
    ...otherAttributes(json, ['type', 'name', 'namespace', 'aliases', 'doc', 'fields']),
  };
  parsing.define(record, place.path);
  const given = requiredArray(json, 'fields', `record ${record.name}`, place.path);
  parsing.countFields(given.length, place.path);
  const taken = new Set<string>();
  given.forEach((fieldJson, index) => {
    const inner = { ...step(place, `/fields/${index}`), namespace: namespaceOf(record.name) };
    const field = parseField(fieldJson, inner, parsing);
    if (taken.has(field.name)) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_REDEFINED',
        inner.path,
        `record ${record.name} has two fields "${field.name}": rename one`,
      );
    }
    taken.add(field.name);
    fields.push(field);
  });
  return record;
}

function parseField(json: Json, place: Place, parsing: Parsing): Field {
  if (!isObject(json)) {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', place.path, 'a field is an object with name and type');
  }
  const name = requiredText(json, 'name', 'a field', place.path);
  checkSimpleName(name, 'the name of a field', place.path);
  if (!Object.hasOwn(json, 'type')) {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', place.path, `field "${name}" needs "type"`);
  }
  const aliases = textArray(json, 'aliases', `field "${name}"`, place.path);
  aliases?.forEach((alias) => checkSimpleName(alias, 'an alias of a field', place.path));
  const order = Object.hasOwn(json, 'order') ? json['order'] : undefined;
  if (!ORDERS.includes(order)) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_INVALID',
      place.path,
      `"order" of field "${name}" is ${shown(order)}; it may be ascending, descending or ignore`,
    );
  }
  const hasDefault = Object.hasOwn(json, 'default');
  const field: Field = {
    name,
    type: parseType(json['type'] as Json, step(place, '/type'), parsing),
    hasDefault,
    ...(hasDefault && { default: json['default'] as Json }),
    ...(aliases && { aliases }),
    ...(order !== undefined && { order: order as NonNullable<Field['order']> }),
    ...optionalText(json, 'doc', place.path),
    ...otherAttributes(json, ['name', 'type', 'default', 'aliases', 'order', 'doc']),
  };
  if (hasDefault) parsing.addDefault({ field, path: place.path });
  return field;
}
