/** A JSON value, as `JSON.parse` gives it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export type PrimitiveName = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

/** Logical types that Avro defines and that fit their base type; any other stays in `props` and has no effect. */
export type LogicalTypeName =
  | 'decimal'
  | 'big-decimal'
  | 'uuid'
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'timestamp-nanos'
  | 'local-timestamp-millis'
  | 'local-timestamp-micros'
  | 'local-timestamp-nanos'
  | 'duration';

export interface Logical {
  readonly logicalType?: LogicalTypeName;
  /** Of a `decimal`: how many digits in all. */
  readonly precision?: number;
  /** Of a `decimal`: how many of them behind the point. */
  readonly scale?: number;
}

interface Annotated {
  /** Attributes that Avro itself gives no meaning (`unit`, `pii`, …), and `logicalType` as it was written. */
  readonly props?: JsonObject;
}

export interface Primitive extends Annotated, Logical {
  readonly type: PrimitiveName;
}

export interface ArraySchema extends Annotated {
  readonly type: 'array';
  readonly items: Schema;
}

export interface MapSchema extends Annotated {
  readonly type: 'map';
  readonly values: Schema;
}

export interface UnionSchema {
  readonly type: 'union';
  readonly branches: readonly Schema[];
}

interface Named extends Annotated {
  /** The full name, namespace included: `io.millrace.weblogs.AccessLog`. */
  readonly name: string;
  /** Full names. */
  readonly aliases?: readonly string[];
  readonly doc?: string;
}

export interface RecordSchema extends Named {
  readonly type: 'record';
  readonly fields: readonly Field[];
}

export interface EnumSchema extends Named {
  readonly type: 'enum';
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface FixedSchema extends Named, Logical {
  readonly type: 'fixed';
  /** Bytes. */
  readonly size: number;
}

export interface Field extends Annotated {
  readonly name: string;
  readonly type: Schema;
  readonly hasDefault: boolean;
  /** The JSON value as it stands in the schema, already checked against the type. */
  readonly default?: Json;
  readonly aliases?: readonly string[];
  readonly order?: 'ascending' | 'descending' | 'ignore';
  readonly doc?: string;
}

export type NamedSchema = RecordSchema | EnumSchema | FixedSchema;

/**
 * A checked schema. Names are resolved: where a schema mentions a type by name, the very object of its
 * definition stands, so recursive types make the value cyclic (do not `JSON.stringify` it: `printSchema`).
 */
export type Schema = Primitive | ArraySchema | MapSchema | UnionSchema | NamedSchema;

export function isNamed(schema: Schema): schema is NamedSchema {
  return schema.type === 'record' || schema.type === 'enum' || schema.type === 'fixed';
}

/** What people call the type: the full name of a named one, else `array`, `union`, `int`, … */
export function typeName(schema: Schema): string {
  return isNamed(schema) ? schema.name : schema.type;
}
