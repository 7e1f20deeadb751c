/**
 * How Avro values look in JavaScript, for decoders, encoders and generated types alike: int, float, double and long
 * are numbers (a long with `"exact": true`, and every timestamp in nanoseconds, a bigint), timestamps count from the
 * epoch in their own unit, a date is `YYYY-MM-DD`, decimals are decimal strings, durations `{ months, days, millis }`,
 * maps objects without prototype.
 */
import { typeName, type Schema, type UnionSchema } from '../schema.ts';

/** What `typeof` (and a look at the object) can tell apart. */
export type Shape = 'null' | 'boolean' | 'number' | 'bigint' | 'string' | 'bytes' | 'array' | 'object';

export function shapeOf(schema: Schema): Shape {
  switch (schema.type) {
    case 'null':
    case 'boolean':
    case 'string':
    case 'array':
      return schema.type;
    case 'int':
      return schema.logicalType === 'date' ? 'string' : 'number';
    case 'long':
      return isExact(schema) ? 'bigint' : 'number';
    case 'float':
    case 'double':
      return 'number';
    case 'enum':
      return 'string';
    case 'bytes':
      return schema.logicalType === 'decimal' ? 'string' : 'bytes';
    case 'fixed':
      if (schema.logicalType === 'duration') return 'object';
      return schema.logicalType === 'decimal' || schema.logicalType === 'uuid' ? 'string' : 'bytes';
    case 'record':
    case 'map':
      return 'object';
    case 'union':
      throw new TypeError('a union directly inside a union is not Avro');
  }
}

/** Whether a long is read as a bigint. */
export function isExact(schema: Schema): boolean {
  if (schema.type !== 'long') return false;
  return schema.props?.['exact'] === true || schema.logicalType?.endsWith('-nanos') === true;
}

/** Whether values of the union need their branch named, `{ 'io.example.Card': … }`, because two branches look alike. */
export function isWrapped(union: UnionSchema): boolean {
  const shapes = union.branches.map(shapeOf);
  return new Set(shapes).size < shapes.length;
}

/** The key of a wrapped value. Null is never wrapped. */
export function branchKey(branch: Schema): string {
  return typeName(branch);
}
