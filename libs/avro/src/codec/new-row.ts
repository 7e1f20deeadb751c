import type { RecordSchema, Schema } from '../schema.ts';
import { shapeOf } from './representation.ts';

const EMPTY = {
  null: null,
  boolean: false,
  number: 0,
  bigint: 0n,
  string: '',
  bytes: null,
  array: null,
  object: null,
};

/** A row with every projected field in the reader's order, so that its hidden class never changes. */
export function newRow(reader: RecordSchema, fields?: readonly string[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const { name, type } of reader.fields) {
    if (fields !== undefined && !fields.includes(name)) continue;
    // An own property, even for a field that is called __proto__.
    Object.defineProperty(row, name, {
      value: empty(type),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return row;
}

function empty(type: Schema): unknown {
  return type.type === 'union' ? null : EMPTY[shapeOf(type)];
}
