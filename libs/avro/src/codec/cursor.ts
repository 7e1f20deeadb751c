/**
 * What generated code calls for the rarer paths. The state is shared by all decoders: decoding is synchronous, and
 * context or property slots of one constant object are cheaper than objects returned by every call.
 */
import type { PayloadFaultCode } from './payload-error.ts';

export const cursor = {
  /** Where the last helper stopped; meaningful only when it did not fail. */
  position: 0,
  /** Array items and map entries met so far in this payload. */
  items: 0,
  /** Levels of recursive types entered and not left. */
  depth: 0,
};

export const failure: { code: PayloadFaultCode; path: string; position: number } = {
  code: 'AVRO_TRUNCATED',
  path: '',
  position: 0,
};

/** Notes the fault and returns −1, the result of every walk that failed. */
export function fail(code: PayloadFaultCode, path: string, position: number): -1 {
  failure.code = code;
  failure.path = path;
  failure.position = position;
  return -1;
}

/** The path is not known to helpers: they note the code, generated code adds the rest by `at`. */
export function at(path: string, position: number): -1 {
  failure.path = path;
  failure.position = position;
  return -1;
}

const TWO_27 = 2 ** 27;
const TWO_55 = 2 ** 55;
const TWO_53 = 2 ** 53;

/** The parts of the last varint: 28, 28 and 8 bits. */
const parts = { low: 0, high: 0, top: 0 };

/** Reads the rest of a varint whose first byte was `first` (> 127) into `parts`; −1 when it is malformed. */
function varintParts(bytes: Uint8Array, start: number, end: number, first: number): number {
  let position = start;
  let low = first & 127;
  let high = 0;
  let top = 0;
  for (let index = 1; index < 10; index++) {
    if (position >= end) {
      failure.code = 'AVRO_TRUNCATED';
      return -1;
    }
    const byte = bytes[position++] as number;
    if (index < 4) low |= (byte & 127) << (7 * index);
    else if (index < 8) high |= (byte & 127) << (7 * (index - 4));
    else top |= (byte & 127) << (7 * (index - 8));
    if (byte < 128) {
      if (top > 255) break;
      parts.low = low;
      parts.high = high;
      parts.top = top;
      return position;
    }
  }
  failure.code = 'AVRO_VARINT';
  return -1;
}

/** Position behind a varint whose first byte was > 127; −1 when it is malformed. */
export function skipVarint(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  for (let index = 1; index < 10; index++) {
    if (position >= end) {
      failure.code = 'AVRO_TRUNCATED';
      return -1;
    }
    const byte = bytes[position++] as number;
    if (byte < 128) {
      if (index === 9 && byte > 1) break;
      return position;
    }
  }
  failure.code = 'AVRO_VARINT';
  return -1;
}

/** A long as a number; `cursor.position` is −1 when it is malformed or not a safe integer. */
export function longRest(bytes: Uint8Array, start: number, end: number, first: number): number {
  let position = start;
  if (end - position >= 9) {
    let byte = bytes[position++] as number;
    let low = (first & 127) | ((byte & 127) << 7);
    if (byte > 127) {
      byte = bytes[position++] as number;
      low |= (byte & 127) << 14;
      if (byte > 127) {
        byte = bytes[position++] as number;
        low |= (byte & 127) << 21;
        if (byte > 127) {
          byte = bytes[position++] as number;
          let high = byte & 127;
          if (byte > 127) {
            byte = bytes[position++] as number;
            high |= (byte & 127) << 7;
            if (byte > 127) {
              byte = bytes[position++] as number;
              high |= (byte & 127) << 14;
              if (byte > 127) return longAny(bytes, start, end, first);
            }
          }
          cursor.position = position;
          const half = (low >>> 1) + high * TWO_27;
          return low & 1 ? -half - 1 : half;
        }
      }
    }
    cursor.position = position;
    return (low >>> 1) ^ -(low & 1);
  }
  return longAny(bytes, start, end, first);
}

function longAny(bytes: Uint8Array, start: number, end: number, first: number): number {
  const position = varintParts(bytes, start, end, first);
  cursor.position = position;
  if (position < 0) return 0;
  const half = (parts.low >>> 1) + parts.high * TWO_27 + parts.top * TWO_55;
  const value = parts.low & 1 ? -half - 1 : half;
  if (half < TWO_53 && Number.isSafeInteger(value)) return value;
  failure.code = 'AVRO_LONG_UNSAFE';
  cursor.position = -1;
  return 0;
}

/** An int; `cursor.position` is −1 when it is malformed or does not fit into 32 bits. */
export function intRest(bytes: Uint8Array, start: number, end: number, first: number): number {
  const position = varintParts(bytes, start, end, first);
  cursor.position = position;
  if (position < 0) return 0;
  if (parts.top === 0 && parts.high < 16) {
    const raw = (parts.low | (parts.high << 28)) >>> 0;
    return (raw >>> 1) ^ -(raw & 1);
  }
  failure.code = 'AVRO_INT_RANGE';
  cursor.position = -1;
  return 0;
}

/** A length or index that took more than one byte, or was negative: ≥ 0; `cursor.position` is −1 for a fault. */
export function lengthRest(bytes: Uint8Array, start: number, end: number, first: number): number {
  const value = countRest(bytes, start, end, first);
  if (value >= 0) return value;
  failure.code = 'AVRO_LENGTH';
  cursor.position = -1;
  return 0;
}

/** A block count: may be negative. */
export function countRest(bytes: Uint8Array, start: number, end: number, first: number): number {
  if (first < 128) {
    cursor.position = start;
    return (first >> 1) ^ -(first & 1);
  }
  const value = longAny(bytes, start, end, first);
  if (cursor.position < 0 && failure.code === 'AVRO_LONG_UNSAFE') failure.code = 'AVRO_LENGTH';
  return value;
}

const scratch = new DataView(new ArrayBuffer(8));

/** A varint that is known to be well formed, as a bigint. */
export function bigintAt(bytes: Uint8Array, position: number): bigint {
  const first = bytes[position] as number;
  if (first < 128) {
    cursor.position = position + 1;
    return BigInt((first >> 1) ^ -(first & 1));
  }
  cursor.position = varintParts(bytes, position + 1, bytes.length, first);
  const { low, high, top } = parts;
  // Unsigned 64 bits: 28 + 28 + 8; halved and its sign folded back as the zigzag rule says.
  scratch.setUint32(0, ((top << 24) | (high >>> 4)) >>> 0);
  scratch.setUint32(4, ((high << 28) | low) >>> 0);
  const raw = scratch.getBigUint64(0);
  return (raw >> 1n) ^ -(raw & 1n);
}

/** A varint that is known to be well formed and safe, as a number. */
export function numberAt(bytes: Uint8Array, position: number): number {
  const first = bytes[position] as number;
  if (first < 128) {
    cursor.position = position + 1;
    return (first >> 1) ^ -(first & 1);
  }
  return longRest(bytes, position + 1, bytes.length, first);
}

export function doubleAt(bytes: Uint8Array, position: number): number {
  scratch.setUint8(0, bytes[position] as number);
  scratch.setUint8(1, bytes[position + 1] as number);
  scratch.setUint8(2, bytes[position + 2] as number);
  scratch.setUint8(3, bytes[position + 3] as number);
  scratch.setUint8(4, bytes[position + 4] as number);
  scratch.setUint8(5, bytes[position + 5] as number);
  scratch.setUint8(6, bytes[position + 6] as number);
  scratch.setUint8(7, bytes[position + 7] as number);
  return scratch.getFloat64(0, true);
}

export function floatAt(bytes: Uint8Array, position: number): number {
  scratch.setUint8(0, bytes[position] as number);
  scratch.setUint8(1, bytes[position + 1] as number);
  scratch.setUint8(2, bytes[position + 2] as number);
  scratch.setUint8(3, bytes[position + 3] as number);
  return scratch.getFloat32(0, true);
}
