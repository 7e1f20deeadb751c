import { RecordBatchError } from './errors.ts';

const TWO_28 = 2 ** 28;
/** 64 bits in groups of seven. */
const MAX_VARINT_BYTES = 10;
/** 32 bits in groups of seven. */
const MAX_VARINT32_BYTES = 5;

/** Where the varint that was read last ended; valid until the next read. */
export let varintEnd = 0;

/**
 * Reads a zigzag varint of at most 32 bits; its end is left in `varintEnd`.
 *
 * @throws RecordBatchError `RECORD_BATCH_MALFORMED` when it has more than five bytes or goes past the buffer
 */
export function readVarint(bytes: Uint8Array, position: number): number {
  let raw = 0;
  for (let index = 0; index < MAX_VARINT32_BYTES; index++) {
    const byte = bytes[position + index];
    if (byte === undefined) throw pastTheEnd(position);
    raw |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) {
      varintEnd = position + index + 1;
      return (raw >>> 1) ^ -(raw & 1);
    }
  }
  throw tooLong(position, MAX_VARINT32_BYTES);
}

/**
 * Reads a zigzag varint of at most 64 bits as a double, exact up to 2^53; its end is left in `varintEnd`.
 *
 * @throws RecordBatchError `RECORD_BATCH_MALFORMED` when it has more than ten bytes or goes past the buffer
 */
export function readVarlong(bytes: Uint8Array, position: number): number {
  let low = 0;
  let middle = 0;
  let high = 0;
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = bytes[position + index];
    if (byte === undefined) throw pastTheEnd(position);
    const bits = byte & 0x7f;
    if (index < 4) low |= bits << (7 * index);
    else if (index < 8) middle |= bits << (7 * (index - 4));
    else high |= bits << (7 * (index - 8));
    if (byte < 0x80) {
      varintEnd = position + index + 1;
      const half = ((high & 0xff) * TWO_28 + middle) * (TWO_28 / 2) + (low >>> 1);
      return (low & 1) === 0 ? half : -half - 1;
    }
  }
  throw tooLong(position, MAX_VARINT_BYTES);
}

/** How many bytes the zigzag varint of a 32-bit integer takes. */
export function varintSize(value: number): number {
  const raw = ((value << 1) ^ (value >> 31)) >>> 0;
  if (raw < 0x80) return 1;
  if (raw < 0x4000) return 2;
  if (raw < 0x200000) return 3;
  return raw < 0x10000000 ? 4 : 5;
}

/** Writes a 32-bit integer as a zigzag varint and returns where it ends. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let raw = ((value << 1) ^ (value >> 31)) >>> 0;
  while (raw > 0x7f) {
    bytes[position++] = (raw & 0x7f) | 0x80;
    raw >>>= 7;
  }
  bytes[position++] = raw;
  return position;
}

/** The greatest magnitude whose zigzag form is exact in a double. */
export const MAX_VARLONG = 2 ** 52 - 1;

/** How many bytes the zigzag varint of an integer takes, its magnitude being at most `MAX_VARLONG`. */
export function varlongSize(value: number): number {
  if (value === value << 0) return varintSize(value);
  let raw = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  while (raw > 0x7f) {
    raw = Math.floor(raw / 0x80);
    size++;
  }
  return size;
}

/** Writes an integer, its magnitude being at most `MAX_VARLONG`, as a zigzag varint and returns where it ends. */
export function writeVarlong(bytes: Uint8Array, position: number, value: number): number {
  if (value === value << 0) return writeVarint(bytes, position, value);
  let raw = value < 0 ? -2 * value - 1 : 2 * value;
  while (raw > 0x7f) {
    bytes[position++] = (raw % 0x80) | 0x80;
    raw = Math.floor(raw / 0x80);
  }
  bytes[position++] = raw;
  return position;
}

function pastTheEnd(position: number): RecordBatchError {
  return new RecordBatchError(
    'RECORD_BATCH_MALFORMED',
    `The varint at byte ${position} goes past the end of the data.`,
  );
}

function tooLong(position: number, maxBytes: number): RecordBatchError {
  return new RecordBatchError(
    'RECORD_BATCH_MALFORMED',
    `The varint at byte ${position} has more than ${maxBytes} bytes.`,
  );
}
