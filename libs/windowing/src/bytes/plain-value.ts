import type { ByteReader } from './byte-reader.ts';
import { damaged } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** What aggregates such as `distinct`, `last` and `collect` keep: a JSON value. */
export type PlainValue =
  null | boolean | number | string | readonly PlainValue[] | { readonly [name: string]: PlainValue };

const NULL = 0;
const FALSE = 1;
const TRUE = 2;
const NUMBER = 3;
const STRING = 4;
const JSON_TEXT = 5;

export function writeValue(out: ByteWriter, value: unknown): void {
  if (value == null) {
    out.byte(NULL);
  } else if (typeof value === 'boolean') {
    out.byte(value ? TRUE : FALSE);
  } else if (typeof value === 'number') {
    out.byte(NUMBER);
    out.number(value);
  } else if (typeof value === 'string') {
    out.byte(STRING);
    out.string(value);
  } else {
    out.byte(JSON_TEXT);
    out.string(JSON.stringify(value));
  }
}

export function readValue(input: ByteReader): PlainValue {
  const tag = input.byte();
  switch (tag) {
    case NULL:
      return null;
    case FALSE:
      return false;
    case TRUE:
      return true;
    case NUMBER:
      return input.number();
    case STRING:
      return input.string();
    case JSON_TEXT: {
      const text = input.string();
      try {
        return JSON.parse(text) as PlainValue;
      } catch {
        throw damaged('text that is no JSON', input.position);
      }
    }
    default:
      throw damaged(`an unknown value tag ${tag}`, input.position);
  }
}

/** A copy that the caller's reused row cannot change; primitives are themselves. */
export function copyValue(value: unknown): PlainValue {
  if (value == null) return null;
  return typeof value === 'object'
    ? (JSON.parse(JSON.stringify(value)) as PlainValue)
    : (value as PlainValue);
}

const rank = (value: unknown): number =>
  value == null
    ? 0
    : typeof value === 'boolean'
      ? 1
      : typeof value === 'number'
        ? 2
        : typeof value === 'string'
          ? 3
          : 4;

/** One total order over all plain values (null, booleans, numbers, strings, the rest by JSON text): what breaks ties the same way in any order of arrival. */
export function compareValues(a: unknown, b: unknown): number {
  const byRank = rank(a) - rank(b);
  if (byRank !== 0) return byRank;
  if (a == null || b == null) return 0;
  if (typeof a === 'object') return compareValues(JSON.stringify(a), JSON.stringify(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
