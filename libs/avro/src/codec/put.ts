/**
 * What generated encoders call. A position ≥ 0 is where the value ended; ROOM says that the buffer is too small,
 * INVALID that the value is not one of its schema (which of its parts is found afterwards, by `valueFaults`).
 */
import type { Duration } from './logical-values.ts';
import { bigEndianBytes, digitCount, unscaledOf } from './decimal.ts';
import { daysOf } from './logical-values.ts';

export const ROOM = -1;
export const INVALID = -2;

const encoder = new TextEncoder();
const INT64 = 2n ** 63n;

interface Utf8Writing {
  utf8Write?(text: string, offset: number, length: number): number;
}

/** A safe integer of any size. At most 10 bytes. */
export function putLong(bytes: Uint8Array, start: number, value: number): number {
  let position = start;
  if (value >= -0x40000000 && value < 0x40000000) {
    let zigzag = (value << 1) ^ (value >> 31);
    while (zigzag > 127) {
      bytes[position++] = (zigzag & 127) | 128;
      zigzag >>>= 7;
    }
    bytes[position++] = zigzag;
    return position;
  }
  let half = value < 0 ? -(value + 1) : value;
  // Twice `half`, plus 1 for negatives, without leaving the integers that a number holds.
  let low = (half % 0x4000000) * 2 + (value < 0 ? 1 : 0);
  half = Math.floor(half / 0x4000000);
  // 27 bits in `low`: three groups of 7 go out, 6 bits stay and are joined by the next.
  for (let group = 0; group < 3; group++) {
    bytes[position++] = (low & 127) | 128;
    low >>>= 7;
  }
  let rest = half * 64 + low;
  while (rest > 127) {
    bytes[position++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[position++] = rest;
  return position;
}

/** A bigint of 64 bits; INVALID beyond. At most 10 bytes. */
export function putBigint(bytes: Uint8Array, start: number, value: bigint): number {
  if (value < -INT64 || value >= INT64) return INVALID;
  let position = start;
  let zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  while (zigzag > 127n) {
    bytes[position++] = Number(zigzag & 127n) | 128;
    zigzag >>= 7n;
  }
  bytes[position++] = Number(zigzag);
  return position;
}

export function putText(bytes: Uint8Array & Utf8Writing, start: number, text: string): number {
  const { length } = text;
  if (bytes.length - start < length * 3 + 5) return ROOM;
  if (length < 64) {
    let index = 0;
    for (; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) break;
      bytes[start + 1 + index] = code;
    }
    if (index === length) {
      bytes[start] = length << 1;
      return start + 1 + length;
    }
  }
  if (!text.isWellFormed()) return INVALID;
  const written =
    bytes.utf8Write === undefined
      ? encoder.encodeInto(text, bytes.subarray(start + 5)).written
      : bytes.utf8Write(text, start + 5, length * 3);
  const position = putLong(bytes, start, written);
  bytes.copyWithin(position, start + 5, start + 5 + written);
  return position + written;
}

export function putBytes(bytes: Uint8Array, start: number, value: unknown): number {
  if (!(value instanceof Uint8Array)) return INVALID;
  if (bytes.length - start < value.length + 5) return ROOM;
  const position = putLong(bytes, start, value.length);
  bytes.set(value, position);
  return position + value.length;
}

export function putFixed(bytes: Uint8Array, start: number, value: unknown, size: number): number {
  if (!(value instanceof Uint8Array) || value.length !== size) return INVALID;
  if (bytes.length - start < size) return ROOM;
  bytes.set(value, start);
  return start + size;
}

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

export function putDouble(bytes: Uint8Array, start: number, value: number): number {
  scratch.setFloat64(0, value, true);
  for (let index = 0; index < 8; index++) bytes[start + index] = scratchBytes[index] as number;
  return start + 8;
}

export function putFloat(bytes: Uint8Array, start: number, value: number): number {
  scratch.setFloat32(0, value, true);
  for (let index = 0; index < 4; index++) bytes[start + index] = scratchBytes[index] as number;
  return start + 4;
}

export function putDate(bytes: Uint8Array, start: number, value: unknown): number {
  const days = typeof value === 'string' ? daysOf(value) : undefined;
  return days === undefined ? INVALID : putLong(bytes, start, days);
}

/** `size` undefined: bytes with a length. */
export function putDecimal(
  bytes: Uint8Array,
  start: number,
  value: unknown,
  { precision, scale, size }: { precision: number; scale: number; size?: number },
): number {
  if (typeof value !== 'string' || digitCount(value) > precision + scale) return INVALID;
  const unscaled = unscaledOf(value, scale);
  if (unscaled === undefined || digitCount(unscaled.toString()) > precision) return INVALID;
  const encoded = bigEndianBytes(unscaled, size);
  if (encoded === undefined) return INVALID;
  return size === undefined ? putBytes(bytes, start, encoded) : putFixed(bytes, start, encoded, size);
}

export function putUuid(bytes: Uint8Array, start: number, value: unknown): number {
  if (!isUuid(value)) return INVALID;
  if (bytes.length - start < 16) return ROOM;
  const hex = value.replaceAll('-', '');
  for (let index = 0; index < 16; index++) {
    bytes[start + index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  }
  return start + 16;
}

/** The textual form of RFC 9562, in either case. */
export function isUuid(value: unknown): value is string {
  return (
    typeof value === 'string' && /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(value)
  );
}

export function putDuration(bytes: Uint8Array, start: number, value: unknown): number {
  if (!isDuration(value)) return INVALID;
  if (bytes.length - start < 12) return ROOM;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, 12);
  view.setUint32(0, value.months, true);
  view.setUint32(4, value.days, true);
  view.setUint32(8, value.millis, true);
  return start + 12;
}

export function isDuration(value: unknown): value is Duration {
  if (!isPlain(value)) return false;
  const { months, days, millis } = value;
  return [months, days, millis].every((part) => typeof part === 'number' && part >>> 0 === part);
}

/** An object that may be a record or a map. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** Whether `value` has a field, other than an undefined one, that is not among `names`. */
export function hasUnknown(value: object, names: ReadonlySet<string>): boolean {
  for (const key in value) {
    if (!names.has(key) && (value as Record<string, unknown>)[key] !== undefined) return true;
  }
  return false;
}

/** The one key of a wrapped union value, or undefined. */
export function soleKey(value: unknown): string | undefined {
  if (!isPlain(value)) return undefined;
  const keys = Object.keys(value);
  return keys.length === 1 ? keys[0] : undefined;
}
