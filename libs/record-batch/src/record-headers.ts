import { RecordBatchError } from './errors.ts';
import { readVarint, varintEnd, varintSize, writeVarint } from './varint.ts';

/** A record header. Names may repeat; a null value is not the same as an empty one. */
export interface RecordHeader {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/**
 * Walks over `count` headers and returns where they end.
 *
 * @throws RecordBatchError `RECORD_BATCH_MALFORMED` when one of them does not fit before `end`
 */
export function skipHeaders(bytes: Buffer, start: number, end: number, count: number): number {
  let at = start;
  for (let index = 0; index < count; index++) {
    at = nameEnd(bytes, at, end);
    at = valueEnd(bytes, at, end);
  }
  return at;
}

/** The value of the last header with this name; `undefined` when there is none or its value is null. */
export function findHeader(
  bytes: Buffer,
  start: number,
  end: number,
  count: number,
  name: string,
): Buffer | undefined {
  const wanted = Buffer.from(name);
  let found: Buffer | undefined;
  let at = start;
  for (let index = 0; index < count; index++) {
    const nameStop = nameEnd(bytes, at, end);
    const nameStart = varintEnd;
    at = valueEnd(bytes, nameStop, end);
    if (nameStop - nameStart !== wanted.length) continue;
    if (wanted.compare(bytes, nameStart, nameStop) !== 0) continue;
    found = hasValue ? bytes.subarray(varintEnd, at) : undefined;
  }
  return found;
}

/** All headers as objects, in their order; values are views of `bytes`. */
export function readHeaders(bytes: Buffer, start: number, end: number, count: number): RecordHeader[] {
  const headers: RecordHeader[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    const nameStop = nameEnd(bytes, at, end);
    const name = bytes.toString('utf8', varintEnd, nameStop);
    at = valueEnd(bytes, nameStop, end);
    headers.push({ name, value: hasValue ? bytes.subarray(varintEnd, at) : null });
  }
  return headers;
}

/** How many bytes the headers take, their count included. */
export function headersSize(headers: readonly RecordHeader[]): number {
  let size = varintSize(headers.length);
  for (const { name, value } of headers) {
    const nameLength = Buffer.byteLength(name);
    size += varintSize(nameLength) + nameLength;
    size += value === null ? 1 : varintSize(value.length) + value.length;
  }
  return size;
}

/** Writes the headers, their count first, and returns where they end. */
export function writeHeaders(bytes: Buffer, position: number, headers: readonly RecordHeader[]): number {
  let at = writeVarint(bytes, position, headers.length);
  for (const { name, value } of headers) {
    at = writeVarint(bytes, at, Buffer.byteLength(name));
    at += bytes.write(name, at, 'utf8');
    at = writeVarint(bytes, at, value === null ? -1 : value.length);
    if (value === null) continue;
    bytes.set(value, at);
    at += value.length;
  }
  return at;
}

/** Whether the header that `valueEnd` passed last has a value; its start is `varintEnd`. */
let hasValue = false;

function nameEnd(bytes: Buffer, at: number, end: number): number {
  const length = readVarint(bytes, at);
  if (length < 0 || length > end - varintEnd) throw malformed(at, 'name', length);
  return varintEnd + length;
}

function valueEnd(bytes: Buffer, at: number, end: number): number {
  const length = readVarint(bytes, at);
  if (length < -1 || length > end - varintEnd) throw malformed(at, 'value', length);
  hasValue = length >= 0;
  return hasValue ? varintEnd + length : varintEnd;
}

function malformed(at: number, part: string, length: number): RecordBatchError {
  return new RecordBatchError(
    'RECORD_BATCH_MALFORMED',
    `The header ${part} at byte ${at} is said to be ${length} bytes long, which does not fit its record.`,
  );
}
