import { fitsType, StepBudget } from './default-value.ts';
import { AvroSchemaError } from './errors.ts';
import {
  isObject,
  optionalText,
  otherAttributes,
  requiredArray,
  requiredText,
  textArray,
} from './json-object.ts';
import { readJson } from './json-text.ts';
import { DEFAULT_SCHEMA_LIMITS, type SchemaLimits } from './limits.ts';
import { logicalOf } from './logical-type.ts';
import { checkFullName, checkSimpleName, namespaceOf, PRIMITIVES, qualify, unqualified } from './names.ts';
import { namedTypes } from './named-types.ts';
import {
  isNamed,
  typeName,
  type EnumSchema,
  type Field,
  type FixedSchema,
  type Json,
  type JsonObject,
  type NamedSchema,
  type PrimitiveName,
  type RecordSchema,
  type Schema,
  type UnionSchema,
} from './schema.ts';

export interface ParseOptions {
  readonly limits?: Partial<SchemaLimits>;
  /** Schemas whose named types may be used by name, as a registry's references allow. */
  readonly references?: readonly Schema[];
}

/** All defaults of a schema together are checked in at most this many steps: a few milliseconds. */
const DEFAULT_CHECK_STEPS = 200_000;
const ORDERS: readonly unknown[] = [undefined, 'ascending', 'descending', 'ignore'];

/**
 * Reads and checks a schema: names, unions, defaults, symbols, sizes, limits. A string is JSON text
 * (so the primitive type is `'"int"'`); an object or array is that JSON already parsed.
 *
 * @throws AvroSchemaError with the code and the path of the first fault
 * @see https://avro.apache.org/docs/1.12.0/specification/
 */
export function parseSchema(input: string | Json, options: ParseOptions = {}): Schema {
  const limits = { ...DEFAULT_SCHEMA_LIMITS, ...options.limits };
  const json = typeof input === 'string' ? readJson(input, limits) : input;
  return new SchemaParser(limits, options.references ?? []).parse(json);
}

interface Place {
  readonly path: string;
  readonly namespace: string;
  readonly depth: number;
}

class SchemaParser {
  readonly #limits: SchemaLimits;
  readonly #names = new Map<string, NamedSchema>();
  readonly #defaults: { field: Field; path: string }[] = [];
  #definedNames = 0;
  #fields = 0;

  constructor(limits: SchemaLimits, references: readonly Schema[]) {
    this.#limits = limits;
    for (const reference of references) {
      for (const named of namedTypes(reference)) this.#names.set(named.name, named);
    }
  }

  parse(json: Json): Schema {
    const schema = this.#type(json, { path: '', namespace: '', depth: 0 });
    // Only now: the default of a recursive field needs all fields of the record around it.
    const budget = new StepBudget(DEFAULT_CHECK_STEPS);
    for (const { field, path } of this.#defaults) checkDefault(field, path, budget);
    return schema;
  }

  #type(json: Json, place: Place): Schema {
    if (place.depth > this.#limits.maxDepth) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_TOO_DEEP',
        place.path.slice(0, 200),
        `types nest deeper than ${this.#limits.maxDepth} levels; flatten the schema or raise maxDepth`,
      );
    }
    if (typeof json === 'string') return this.#byName(json, place);
    if (Array.isArray(json)) return this.#union(json as readonly Json[], place);
    if (!isObject(json)) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_INVALID',
        place.path,
        `a schema is a type name, an object or an array (a union), not ${JSON.stringify(json)}`,
      );
    }
    return this.#complex(json, place);
  }

  #complex(json: JsonObject, place: Place): Schema {
    const type = requiredText(json, 'type', 'a type', place.path);
    switch (type) {
      case 'record':
        return this.#record(json, place);
      case 'enum':
        return this.#enum(json, place);
      case 'fixed':
        return this.#fixed(json, place);
      case 'array':
        return {
          type,
          items: this.#inner(json, 'items', place),
          ...otherAttributes(json, ['type', 'items']),
        };
      case 'map':
        return {
          type,
          values: this.#inner(json, 'values', place),
          ...otherAttributes(json, ['type', 'values']),
        };
      default:
        if (!PRIMITIVES.has(type)) return this.#byName(type, { ...place, path: `${place.path}/type` });
        return {
          type: type as PrimitiveName,
          ...logicalOf(type, json),
          ...otherAttributes(json, ['type']),
        };
    }
  }

  #inner(json: JsonObject, attribute: 'items' | 'values', place: Place): Schema {
    if (!Object.hasOwn(json, attribute)) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_INVALID',
        place.path,
        `a type "${json['type'] as string}" needs "${attribute}"`,
      );
    }
    return this.#type(json[attribute] as Json, step(place, `/${attribute}`));
  }

  #byName(name: string, { path, namespace }: Place): Schema {
    if (PRIMITIVES.has(name)) return { type: name as PrimitiveName };
    const found = this.#names.get(qualify(name, namespace));
    if (found !== undefined) return found;
    checkFullName(name, 'the name of a type', path);
    throw new AvroSchemaError(
      'AVRO_SCHEMA_UNKNOWN_TYPE',
      path,
      `there is no type ${qualify(name, namespace)} here: define it before its first use, or write its full name`,
    );
  }

  #union(json: readonly Json[], place: Place): UnionSchema {
    this.#countFields(json.length, place.path);
    const taken = new Set<string>();
    const branches = json.map((branch, index) => {
      const inner = step(place, `/${index}`);
      const schema = this.#type(branch, inner);
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

  #record(json: JsonObject, place: Place): RecordSchema {
    const fields: Field[] = [];
    const record: RecordSchema = {
      type: 'record',
      ...this.#header(json, place),
      fields,
      ...otherAttributes(json, ['type', 'name', 'namespace', 'aliases', 'doc', 'fields']),
    };
    this.#define(record, place.path);
    const given = requiredArray(json, 'fields', `record ${record.name}`, place.path);
    this.#countFields(given.length, place.path);
    const taken = new Set<string>();
    given.forEach((fieldJson, index) => {
      const inner = { ...step(place, `/fields/${index}`), namespace: namespaceOf(record.name) };
      const field = this.#field(fieldJson, inner);
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

  #field(json: Json, place: Place): Field {
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
        `"order" of field "${name}" is ${JSON.stringify(order)}; it may be ascending, descending or ignore`,
      );
    }
    const hasDefault = Object.hasOwn(json, 'default');
    const field: Field = {
      name,
      type: this.#type(json['type'] as Json, step(place, '/type')),
      hasDefault,
      ...(hasDefault && { default: json['default'] as Json }),
      ...(aliases && { aliases }),
      ...(order !== undefined && { order: order as NonNullable<Field['order']> }),
      ...optionalText(json, 'doc', place.path),
      ...otherAttributes(json, ['name', 'type', 'default', 'aliases', 'order', 'doc']),
    };
    if (hasDefault) this.#defaults.push({ field, path: place.path });
    return field;
  }

  #enum(json: JsonObject, place: Place): EnumSchema {
    const header = this.#header(json, place);
    const symbols = textArray(json, 'symbols', `enum ${header.name}`, place.path);
    if (symbols === undefined) {
      throw new AvroSchemaError('AVRO_SCHEMA_INVALID', place.path, `enum ${header.name} needs "symbols"`);
    }
    this.#countFields(symbols.length, place.path);
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
        `the default ${JSON.stringify(fallback)} of enum ${header.name} is none of its symbols`,
      );
    }
    return this.#define(
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

  #fixed(json: JsonObject, place: Place): FixedSchema {
    const header = this.#header(json, place);
    const size = json['size'];
    if (!Number.isInteger(size) || (size as number) < 0 || (size as number) > 0x7fffffff) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_INVALID',
        place.path,
        `"size" of fixed ${header.name} is ${JSON.stringify(size)}; it must be a number of bytes, 0 to 2147483647`,
      );
    }
    return this.#define(
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

  #header(
    json: JsonObject,
    { path, namespace: enclosing }: Place,
  ): Pick<NamedSchema, 'name' | 'aliases' | 'doc'> {
    const given = requiredText(json, 'name', `a type "${json['type'] as string}"`, path);
    checkFullName(given, 'the name of a type', path);
    const namespace = optionalText(json, 'namespace', path).namespace ?? enclosing;
    if (namespace !== '') checkFullName(namespace, 'a namespace', path);
    const name = qualify(given, namespace);
    if (name.length > this.#limits.maxNameLength) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_TOO_LARGE',
        path,
        `a name has ${name.length} characters, the limit is ${this.#limits.maxNameLength}: shorten it`,
      );
    }
    const aliases = textArray(json, 'aliases', `type ${name}`, path)?.map((alias) => {
      checkFullName(alias, 'an alias of a type', path);
      return qualify(alias, namespaceOf(name));
    });
    return { name, ...(aliases && { aliases }), ...optionalText(json, 'doc', path) };
  }

  #define<T extends NamedSchema>(schema: T, path: string): T {
    if (PRIMITIVES.has(unqualified(schema.name))) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_NAME',
        path,
        `a type may not be called ${schema.name}: that is a primitive type's name`,
      );
    }
    if (this.#names.has(schema.name)) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_REDEFINED',
        path,
        `type ${schema.name} is defined twice: define it once and mention it by name after that`,
      );
    }
    if (++this.#definedNames > this.#limits.maxNames) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_TOO_COMPLEX',
        path,
        `the schema defines more than ${this.#limits.maxNames} named types; split it or raise maxNames`,
      );
    }
    this.#names.set(schema.name, schema);
    return schema;
  }

  #countFields(count: number, path: string): void {
    this.#fields += count;
    if (this.#fields > this.#limits.maxFields) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_TOO_COMPLEX',
        path,
        `the schema has more than ${this.#limits.maxFields} fields, symbols and branches; split it or raise maxFields`,
      );
    }
  }
}

function checkDefault(field: Field, path: string, budget: StepBudget): void {
  if (fitsType(field.default as Json, field.type, budget)) return;
  if (budget.exhausted) {
    throw new AvroSchemaError(
      'AVRO_SCHEMA_TOO_COMPLEX',
      path,
      `checking the defaults takes more than ${DEFAULT_CHECK_STEPS} steps; make the default of "${field.name}" simpler`,
    );
  }
  const shown = JSON.stringify(field.default).slice(0, 60);
  const type = isNamed(field.type) ? field.type.name : field.type.type;
  throw new AvroSchemaError(
    'AVRO_SCHEMA_DEFAULT',
    path,
    `the default ${shown} of field "${field.name}" is not a value of its type ${type}`,
  );
}

function step(place: Place, segment: string): Place {
  return { ...place, path: place.path + segment, depth: place.depth + 1 };
}
