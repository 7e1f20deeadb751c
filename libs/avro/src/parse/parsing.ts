import { AvroSchemaError } from '../errors.ts';
import type { SchemaLimits } from '../limits.ts';
import { PRIMITIVES, unqualified } from '../names.ts';
import { namedTypes } from '../named-types.ts';
import { typeName, type Field, type Json, type NamedSchema, type Schema } from '../schema.ts';
import { fitsType, StepBudget } from './default-value.ts';
import { shown } from './json-object.ts';

/** Where in the schema a type stands. */
export interface Place {
  readonly path: string;
  readonly namespace: string;
  readonly depth: number;
}

export function step(place: Place, segment: string): Place {
  return { ...place, path: place.path + segment, depth: place.depth + 1 };
}

/** All defaults of a schema together are checked in at most this many steps: a few milliseconds. */
const DEFAULT_CHECK_STEPS = 200_000;

/** What is known and counted while one schema is parsed. */
export class Parsing {
  readonly limits: SchemaLimits;
  readonly #names = new Map<string, NamedSchema>();
  readonly #defaults: { field: Field; path: string }[] = [];
  #definedNames = 0;
  #fields = 0;

  constructor(limits: SchemaLimits, references: readonly Schema[]) {
    this.limits = limits;
    for (const reference of references) {
      for (const named of namedTypes(reference)) this.#names.set(named.name, named);
    }
  }

  find(fullName: string): NamedSchema | undefined {
    return this.#names.get(fullName);
  }

  /** @throws AVRO_SCHEMA_NAME, AVRO_SCHEMA_REDEFINED, AVRO_SCHEMA_TOO_COMPLEX */
  define<T extends NamedSchema>(schema: T, path: string): T {
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
    if (++this.#definedNames > this.limits.maxNames) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_TOO_COMPLEX',
        path,
        `the schema defines more than ${this.limits.maxNames} named types; split it or raise maxNames`,
      );
    }
    this.#names.set(schema.name, schema);
    return schema;
  }

  /** Fields, symbols and branches. @throws AVRO_SCHEMA_TOO_COMPLEX */
  countFields(count: number, path: string): void {
    this.#fields += count;
    if (this.#fields > this.limits.maxFields) {
      throw new AvroSchemaError(
        'AVRO_SCHEMA_TOO_COMPLEX',
        path,
        `the schema has more than ${this.limits.maxFields} fields, symbols and branches; split it or raise maxFields`,
      );
    }
  }

  addDefault(found: { field: Field; path: string }): void {
    this.#defaults.push(found);
  }

  /** In the end only: the default of a recursive field needs all fields of the record around it. @throws AVRO_SCHEMA_DEFAULT */
  checkDefaults(): void {
    const budget = new StepBudget(DEFAULT_CHECK_STEPS);
    for (const { field, path } of this.#defaults) checkDefault(field, path, budget);
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
  throw new AvroSchemaError(
    'AVRO_SCHEMA_DEFAULT',
    path,
    `the default ${shown(field.default)} of field "${field.name}" is not a value of its type ${typeName(field.type)}`,
  );
}
