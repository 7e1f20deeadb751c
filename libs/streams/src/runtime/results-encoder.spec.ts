import { describe, expect, it } from '@jest/globals';
import { stateColumns } from '../definition/view-columns.ts';
import type { ViewColumn } from '../definition/view-columns.ts';
import { AvroWriter } from './avro-writer.ts';
import { ResultsEncoder } from './results-encoder.ts';

const hex = ({ buffer, at }: AvroWriter) => buffer.subarray(0, at).toString('hex');

function readLong(bytes: Buffer, start: number): bigint {
  let raw = 0n;
  let shift = 0n;
  for (let at = start; ; at++, shift += 7n) {
    raw |= BigInt(bytes[at]! & 0x7f) << shift;
    if (bytes[at]! < 0x80) return (raw >> 1n) ^ -(raw & 1n);
  }
}

describe('the Avro writer', () => {
  it.each([
    0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    8191,
    8192,
    2 ** 27,
    2 ** 28 - 1,
    2 ** 28,
    -(2 ** 28),
    2 ** 31,
    2 ** 35 + 1,
    1.7e12,
    -1.7e12,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
  ])('writes the long %d so that it reads back', (value) => {
    const writer = new AvroWriter();
    writer.long(value);
    expect(readLong(writer.buffer, 0)).toBe(BigInt(value));
  });

  it('writes the examples of the Avro specification', () => {
    // https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
    const writer = new AvroWriter();
    writer.string('foo');
    expect(hex(writer)).toBe('06666f6f');
    writer.reset();
    writer.long(-2);
    writer.long(64);
    expect(hex(writer)).toBe('038001');
  });

  it('writes texts that are long or not ASCII, and grows', () => {
    for (const text of ['', 'é', 'x'.repeat(63), 'x'.repeat(64), 'ü'.repeat(5_000), '😀']) {
      const writer = new AvroWriter();
      writer.string(text);
      const length = Number(readLong(writer.buffer, 0));
      expect(writer.buffer.subarray(writer.at - length, writer.at).toString()).toBe(text);
    }
  });
});

describe('a results encoder', () => {
  const columns: ViewColumn[] = [
    { name: 'page', type: 'string', nullable: false, key: true },
    { name: 'windowStart', type: 'timestamp', nullable: false },
    { name: 'views', type: 'long', nullable: false },
    { name: 'p95', type: 'double', nullable: true },
    { name: 'top', type: 'json', nullable: true },
  ];

  it('frames a value with the schema id and writes columns in order, null as branch 0', () => {
    const encoder = new ResultsEncoder(columns, 7);
    encoder.encode(['/'], { windowStart: 1, views: 2, p95: null, top: [1] });
    expect(hex(encoder.value)).toBe(`0000000007${'022f'}${'02'}${'04'}${'00'}${'02065b315d'}`);
  });

  it('writes keys as JSON arrays that other languages read', () => {
    const encoder = new ResultsEncoder(columns, 7);
    encoder.encodeKey(['a"ü', 3], 60_000);
    expect(encoder.key.buffer.subarray(0, encoder.key.at).toString()).toBe('["a\\"ü",3,60000]');
    encoder.encodeKey([], 0);
    expect(encoder.key.buffer.subarray(0, encoder.key.at).toString()).toBe('[0]');
  });

  it('writes what a row shares with the row before as if it stood alone', () => {
    const windowed = [
      ...columns.slice(0, 2),
      { name: 'windowEnd', type: 'timestamp', nullable: false },
      columns[2]!,
      ...stateColumns,
    ] satisfies ViewColumn[];
    const row = {
      windowStart: 0,
      windowEnd: 60_000,
      views: 1,
      state: 'final',
      revision: 0,
      watermark: 60_000,
    };
    const changes = [
      {},
      { views: 2 },
      { windowStart: 60_000, windowEnd: 120_000 },
      { state: 'filling' },
      { state: 'revised', revision: 1 },
      { watermark: null },
      { watermark: -Infinity },
      { watermark: 61_000 },
      {},
    ];
    const encoder = new ResultsEncoder(windowed, 7);
    for (const change of changes) {
      const changed = { ...row, ...change };
      encoder.encode(['/'], changed);
      encoder.encodeKey(['/'], changed.windowStart);
      const alone = new ResultsEncoder(windowed, 7);
      alone.encode(['/'], changed);
      alone.encodeKey(['/'], changed.windowStart);
      expect([hex(encoder.value), hex(encoder.key)]).toEqual([hex(alone.value), hex(alone.key)]);
    }
  });
});
