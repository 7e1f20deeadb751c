import { isObject } from './json-object.ts';
import type { Json, JsonObject, RecordSchema, Schema } from '../schema.ts';

/** Steps that all defaults of one schema may take to check: unions of records can be tried exponentially often. */
export class StepBudget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  get exhausted(): boolean {
    return this.#left < 0;
  }

  spend(): boolean {
    return --this.#left >= 0;
  }
}

const MAX_VALUE_DEPTH = 512;
const INT_LIMIT = 2 ** 31;
const LONG_LIMIT = 2 ** 63;

/**
 * Whether a field's default is a value of its type. Bytes and fixed are strings of code points 0–255;
 * a union's default may be of any branch (Avro 1.12; before, only of the first).
 *
 * @see https://avro.apache.org/docs/1.12.0/specification/#schema-record
 */
export function fitsType(value: Json, type: Schema, budget: StepBudget, depth = 0): boolean {
  if (!budget.spend() || depth > MAX_VALUE_DEPTH) return false;
  switch (type.type) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return Number.isInteger(value) && Math.abs((value as number) + 0.5) < INT_LIMIT;
    case 'long':
      return Number.isInteger(value) && (value as number) >= -LONG_LIMIT && (value as number) <= LONG_LIMIT;
    case 'float':
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return isByteString(value);
    case 'fixed':
      return isByteString(value) && value.length === type.size;
    case 'enum':
      return typeof value === 'string' && type.symbols.includes(value);
    case 'array':
      return isArray(value) && value.every((item) => fitsType(item, type.items, budget, depth + 1));
    case 'map':
      return (
        isObject(value) && Object.values(value).every((v) => fitsType(v, type.values, budget, depth + 1))
      );
    case 'union':
      return type.branches.some((branch) => fitsType(value, branch, budget, depth + 1));
    case 'record':
      return isObject(value) && fitsRecord(value, type, budget, depth);
  }
}

function fitsRecord(value: JsonObject, type: RecordSchema, budget: StepBudget, depth: number): boolean {
  return type.fields.every((field) => {
    const given = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
    return given === undefined ? field.hasDefault : fitsType(given, field.type, budget, depth + 1);
  });
}

function isByteString(value: Json): value is string {
  return typeof value === 'string' && /^[\u0000-\u00ff]*$/.test(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
