import { describe, expect, it } from '@jest/globals';
import { stateColumns } from '../definition/view-columns.ts';
import type { ViewColumn } from '../definition/view-columns.ts';
import type { Row } from '../definition/compile-expression.ts';
import { AvroWriter } from './avro-writer.ts';
import { groupKeyCodec } from '../tasks/group-key.ts';
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
  const codec = groupKeyCodec([{ name: 'page', type: 'string' }]);
  const encoderOf = (of: readonly ViewColumn[], hasTime = true) =>
    new ResultsEncoder({ columns: of, schemaId: 7, codec, hasTime });
  const encoded = (encoder: ResultsEncoder, key: string, row: Row) => {
    encoder.encodeKey(key);
    encoder.encodeTime(row['windowStart'] as number);
    encoder.encodeRest(row);
    return [hex(encoder.keyPart) + hex(encoder.keyEnd), hex(encoder.valuePart) + hex(encoder.rest)];
  };

  it('frames a value with the schema id and writes columns in order, null as branch 0', () => {
    const [, value] = encoded(encoderOf(columns), '/', { windowStart: 1, views: 2, p95: null, top: [1] });
    expect(value).toBe(`0000000007${'022f'}${'02'}${'04'}${'00'}${'02065b315d'}`);
  });

  it('writes keys as JSON arrays that other languages read', () => {
    const two = groupKeyCodec([
      { name: 'page', type: 'string' },
      { name: 'status', type: 'long' },
    ]);
    const textOf = (of: typeof codec, key: string, { hasTime }: { hasTime: boolean }) => {
      const encoder = new ResultsEncoder({ columns: [], schemaId: 7, codec: of, hasTime });
      return Buffer.from(encoded(encoder, key, { windowStart: 60_000 })[0]!, 'hex').toString();
    };
    const key = two.encode({ page: 'a"ü', status: 3 })!;
    expect(textOf(two, key, { hasTime: true })).toBe('["a\\"ü",3,60000]');
    expect(textOf(two, key, { hasTime: false })).toBe('["a\\"ü",3]');
    expect(textOf(groupKeyCodec([]), '', { hasTime: true })).toBe('[60000]');
    expect(textOf(groupKeyCodec([]), '', { hasTime: false })).toBe('[]');
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
      { windowEnd: 180_000 },
      { state: 'filling' },
      { state: 'revised', revision: 1 },
      { watermark: null },
      { watermark: -Infinity },
      { watermark: 61_000 },
      {},
    ];
    const encoder = encoderOf(windowed);
    for (const change of changes) {
      const changed = { ...row, ...change };
      expect(encoded(encoder, '/', changed)).toEqual(encoded(encoderOf(windowed), '/', changed));
    }
  });
});
