import { AvroSchemaError } from '../errors.ts';
import { checkFullName, checkSimpleName, namespaceOf, qualify } from '../names.ts';
import type { EnumSchema, FixedSchema, JsonObject, NamedSchema } from '../schema.ts';
import { optionalText, otherAttributes, requiredText, textArray, shown } from './json-object.ts';
import { logicalOf } from './logical-type.ts';
import type { Parsing, Place } from './parsing.ts';

/** @throws AvroSchemaError */
export function parseEnum(json: JsonObject, place: Place, parsing: Parsing): EnumSchema {
  const header = parseHeader(json, place, parsing);
  const symbols = textArray(json, 'symbols', `enum ${header.name}`, place.path);
  if (symbols === undefined) {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', place.path, `enum ${header.name} needs "symbols"`);
  }
  parsing.countFields(symbols.length, place.path);
  symbols.forEach((symbol) => checkSimpleName(symbol, `a symbol of enum ${header.name}`, place.path));
  if (new Set(symbols).size !== symbols.length) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_REDEFINED',
      place.path,
      `enum ${header.name} lists a symbol twice: remove one`,
    );
  }
  const fallback = Object.hasOwn(json, 'default') ? json['default'] : undefined;
  if (fallback !== undefined && !symbols.includes(fallback as string)) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_DEFAULT',
      place.path,
      `the default ${shown(fallback)} of enum ${header.name} is none of its symbols`,
    );
  }
  return parsing.define(
    {
      type: 'enum',
      ...header,
      symbols,
      ...(fallback !== undefined && { default: fallback as string }),
      ...otherAttributes(json, ['type', 'name', 'namespace', 'aliases', 'doc', 'symbols', 'default']),
    },
    place.path,
  );
}

/** @throws AvroSchemaError */
export function parseFixed(json: JsonObject, place: Place, parsing: Parsing): FixedSchema {
  const header = parseHeader(json, place, parsing);
  const size = json['size'];
  if (!Number.isInteger(size) || (size as number) < 0 || (size as number) > 0x7fffffff) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_INVALID',
      place.path,
      `"size" of fixed ${header.name} is ${shown(size)}; it must be a number of bytes, 0 to 2147483647`,
    );
  }
  return parsing.define(
    {
      type: 'fixed',
      ...header,
      size: size as number,
      ...logicalOf('fixed', json, size as number),
      ...otherAttributes(json, ['type', 'name', 'namespace', 'aliases', 'doc', 'size']),
    },
    place.path,
  );
}

/** What records, enums and fixed types have in common. @throws AvroSchemaError */
export function parseHeader(
  json: JsonObject,
  { path, namespace: enclosing }: Place,
  parsing: Parsing,
): Pick<NamedSchema, 'name' | 'aliases' | 'doc'> {
  const given = requiredText(json, 'name', `a type "${json['type'] as string}"`, path);
  checkFullName(given, 'the name of a type', path);
  const namespace = optionalText(json, 'namespace', path).namespace ?? enclosing;
  if (namespace !== '') checkFullName(namespace, 'a namespace', path);
  const name = qualify(given, namespace);
  if (name.length > parsing.limits.maxNameLength) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_TOO_LARGE',
      path,
      `a name has ${name.length} characters, the limit is ${parsing.limits.maxNameLength}: shorten it`,
    );
  }
  const aliases = textArray(json, 'aliases', `type ${name}`, path)?.map((alias) => {
    checkFullName(alias, 'an alias of a type', path);
    return qualify(alias, namespaceOf(name));
  });
  return { name, ...(aliases && { aliases }), ...optionalText(json, 'doc', path) };
}
