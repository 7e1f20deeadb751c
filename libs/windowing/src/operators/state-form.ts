import type { CompiledAggregates } from '../aggregates/compile.ts';
import type { ByteReader } from '../bytes/byte-reader.ts';
import { damaged } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { readValue, writeValue } from '../bytes/plain-value.ts';
import { WindowingError } from '../errors.ts';
import { hashed, hashValue } from '../sketches/hash.ts';
import type { Key } from '../state/key-table.ts';

/** The version of the binary form; see docs/binary-form.md. Readers take this one and all before it. */
export const FORM_VERSION = 1;

/** Pieces of state are cut at about this size, below the 1 MB that Kafka takes as one record by default. */
export const MAX_CHUNK_BYTES = 512 * 1024;

/** The first byte of every piece: what it holds. */
export const Form = { chunk: 1, meta: 2, partials: 3, snapshot: 4 } as const;
export type FormKind = (typeof Form)[keyof typeof Form];

/** The 32-bit number by which state knows its definition: functions do not count, so keep theirs in step yourself. */
export function definitionOf(window: unknown, aggregates: CompiledAggregates): number {
  hashValue(JSON.stringify([window, aggregates.signature]));
  return hashed.low;
}

export function writeHeader(out: ByteWriter, kind: FormKind, definition: number): void {
  out.byte(kind);
  out.byte(FORM_VERSION);
  out.varint(definition);
}

/**
 * Reads and checks a header.
 * @throws WindowingError WINDOWING_FORMAT_INVALID for other bytes, WINDOWING_STATE_INVALID for the state of another definition
 */
export function readHeader(input: ByteReader, kind: FormKind, definition: number): void {
  const found = input.byte();
  const version = input.byte();
  if (found !== kind) throw damaged(`kind ${found} where kind ${kind} should be`, 0);
  if (version < 1 || version > FORM_VERSION) {
    throw new WindowingError(
      'WINDOWING_FORMAT_INVALID',
      `The state is in form ${version}, this release reads forms 1 to ${FORM_VERSION}; restore it with a newer release.`,
    );
  }
  if (input.varint() !== definition) {
    throw new WindowingError(
      'WINDOWING_STATE_INVALID',
      'The state was written by another definition (window or aggregates differ); start from empty state or restore the old definition.',
    );
  }
}

export function writeKey(out: ByteWriter, key: Key): void {
  writeValue(out, key);
}

export function readKey(input: ByteReader): Key {
  const key = readValue(input);
  if (typeof key !== 'string' && typeof key !== 'number')
    throw damaged('a key of wrong type', input.position);
  return key;
}
