import { parseSchema, type Json, type Schema } from '@millrace/avro';

/** An Avro record as JSON that carries, for the compiler alone, the type of its rows. */
export interface TypedSchema<Row = Record<string, unknown>> {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  /** The topic whose values it describes. */
  readonly topic?: string;
  readonly fields: readonly SchemaField[];
  /** Never present at run time. */
  readonly rowType?: Row;
}

/** A type as it stands in an Avro schema's JSON. */
export type SchemaType = string | SchemaObject | readonly SchemaType[];

export interface SchemaObject {
  readonly type: SchemaType;
  readonly logicalType?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields?: readonly SchemaField[];
  readonly items?: SchemaType;
  readonly values?: SchemaType;
  readonly symbols?: readonly string[];
  readonly size?: number;
  readonly precision?: number;
  readonly scale?: number;
  /** Of a long: read as a bigint. */
  readonly exact?: boolean;
}

export interface SchemaField {
  readonly name: string;
  readonly type: SchemaType;
  readonly doc?: string;
  readonly default?: unknown;
  readonly aliases?: readonly string[];
  /** The unit of a number: `ms`, `bytes`, `kWh`, … */
  readonly unit?: string;
  /** About a person: to be masked outside the raw topic. */
  readonly pii?: boolean;
  /** The field that says when it happened. */
  readonly eventTime?: boolean;
}

/** A generated schema, any Avro schema as JSON, or its text. */
export type SchemaInput<Row = unknown> = TypedSchema<Row> | string | object;

const parsed = new WeakMap<object, Schema>();

/** Parses once per object. @throws AvroSchemaError */
export function toSchema(input: SchemaInput): Schema {
  if (typeof input === 'string') return parseSchema(input);
  const known = parsed.get(input);
  if (known !== undefined) return known;
  const schema = parseSchema(input as Json);
  parsed.set(input, schema);
  return schema;
}

/** The schema as the registry gets it: with documentation and properties. */
export function schemaText(input: SchemaInput): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}

/** The field marked `"eventTime": true`, if there is one. */
export function eventTimeField(schema: TypedSchema): string | undefined {
  return schema.fields.find((field) => field.eventTime === true)?.name;
}

/** Names of the fields marked `"pii": true`. */
export function piiFields(schema: TypedSchema): readonly string[] {
  return schema.fields.filter((field) => field.pii === true).map((field) => field.name);
}
