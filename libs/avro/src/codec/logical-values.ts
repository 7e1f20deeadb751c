/** Values of logical types out of bytes that have been walked; what cannot be one throws a `ValueFault`. */
import { decimalText, digitCount } from './decimal.ts';
import type { PayloadFaultCode } from './payload-error.ts';

/** Thrown while a value is made, caught by the decoder, which knows the payload. */
export class ValueFault {
  readonly code: PayloadFaultCode;

  constructor(code: PayloadFaultCode) {
    this.code = code;
  }
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 100_000_000;

/** `2026-03-01` of days since the epoch; years beyond 9999 as `+012026-03-01`. */
export function dateText(days: number): string {
  if (days > MAX_DAYS || days < -MAX_DAYS) throw new ValueFault('AVRO_DATE');
  const text = new Date(days * DAY_MS).toISOString();
  return text.slice(0, text.indexOf('T'));
}

/** Days since the epoch of an ISO date, or undefined where there is no such day. */
export function daysOf(date: string): number | undefined {
  if (!/^(\d{4}|[+-]\d{6})-\d\d-\d\d$/.test(date)) return undefined;
  const time = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(time) || dateText(time / DAY_MS) !== date) return undefined;
  return time / DAY_MS;
}

export interface Digits {
  readonly precision: number;
  readonly scale: number;
  readonly maxBytes: number;
}

export function decimalValue(bytes: Uint8Array, start: number, end: number, digits: Digits): string {
  if (end - start > digits.maxBytes) throw new ValueFault('AVRO_DECIMAL');
  const text = decimalText(bytes, start, end, digits.scale);
  if (digitCount(text) > digits.precision) throw new ValueFault('AVRO_DECIMAL');
  return text;
}

/** Calendar parts that do not convert into each other. */
export interface Duration {
  readonly months: number;
  readonly days: number;
  readonly millis: number;
}

export function durationValue(bytes: Uint8Array, start: number): Duration {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, 12);
  return {
    months: view.getUint32(0, true),
    days: view.getUint32(4, true),
    millis: view.getUint32(8, true),
  };
}

export function uuidValue(bytes: Uint8Array, start: number): string {
  let text = '';
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += (bytes[start + index] as number).toString(16).padStart(2, '0');
  }
  return text;
}

/** A copy that does not keep the payload's buffer alive. */
export function bytesValue(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}
