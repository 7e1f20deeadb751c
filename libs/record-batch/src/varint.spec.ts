import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MAX_VARLONG,
  readVarint,
  readVarlong,
  varintEnd,
  varintSize,
  varlongSize,
  writeVarint,
  writeVarlong,
} from './varint.ts';

const bytes = Buffer.alloc(12);
const malformed = expect.objectContaining({ code: 'RECORD_BATCH_MALFORMED' });

describe('varints', () => {
  it('agree with the examples of the Protocol Buffers encoding guide', () => {
    const examples = [
      [0, '00'],
      [-1, '01'],
      [1, '02'],
      [-2, '03'],
      [150, 'ac02'],
      [0x7fffffff, 'feffffff0f'],
      [-0x80000000, 'ffffffff0f'],
    ] as const;
    for (const [value, hex] of examples) {
      expect(bytes.toString('hex', 0, writeVarint(bytes, 0, value))).toBe(hex);
      expect(bytes.toString('hex', 0, writeVarlong(bytes, 0, value))).toBe(hex);
    }
  });

  it('of 32 bits are read as they were written, in the size foretold', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const end = writeVarint(bytes, 1, value);
        expect([readVarint(bytes, 1), varintEnd, end - 1]).toEqual([value, end, varintSize(value)]);
        expect([readVarlong(bytes, 1), varintEnd]).toEqual([value, end]);
      }),
    );
  });

  it('of up to 53 bits are read as they were written, in the size foretold', () => {
    fc.assert(
      fc.property(fc.integer({ min: -MAX_VARLONG, max: MAX_VARLONG }), (value) => {
        const end = writeVarlong(bytes, 1, value);
        expect([readVarlong(bytes, 1), varintEnd, end - 1]).toEqual([value, end, varlongSize(value)]);
      }),
    );
  });

  it('of 64 bits agree with BigInt up to the rounding of a double', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        let raw = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
        let end = 0;
        for (; raw > 0x7fn; raw >>= 7n) bytes[end++] = Number(raw & 0x7fn) | 0x80;
        bytes[end++] = Number(raw);
        const error = Math.abs(readVarlong(bytes, 0) - Number(value));
        expect(error).toBeLessThanOrEqual(Math.abs(Number(value)) * Number.EPSILON);
        expect(varintEnd).toBe(end);
      }),
    );
  });

  it('that do not end are refused', () => {
    const endless = Buffer.alloc(20, 0xff);
    expect(() => readVarint(endless, 0)).toThrow(malformed);
    expect(() => readVarlong(endless, 0)).toThrow(malformed);
    expect(() => readVarint(endless, 18)).toThrow(malformed);
    expect(() => readVarlong(endless, 18)).toThrow(malformed);
  });
});
