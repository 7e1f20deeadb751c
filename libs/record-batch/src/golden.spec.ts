import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { checkBatch, readBatchHeader, type BatchHeader } from './batch-header.ts';
import { BatchWriter } from './batch-writer.ts';
import { CODECS, type Codec } from './compression/codec.ts';
import { controlBatch, readControlType } from './control-batch.ts';
import { RecordCursor } from './record-cursor.ts';

/** Made by Apache Kafka 4.1.0's own classes: `integration/Records.java`, command `write`. */
const golden = new Map(
  readFileSync(new URL('../golden/kafka-4.1.0.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string])
    .map(([name, hex]) => [name, Buffer.from(hex, 'hex')]),
);

const BASE_MS = 1_700_000_000_000;
const producer = { producerId: 4_000_000_000, producerEpoch: 3 };
const expected = Array.from({ length: 50 }, (_, i) => ({
  offset: 1234 + i,
  timestampMs: BASE_MS + i * (i % 2 === 0 ? 100_000 : -7),
  key: i % 7 === 0 ? null : Buffer.from(`key-${i}`),
  value: i % 11 === 0 ? null : Buffer.from('value '.repeat(i) + i),
  headers:
    i % 5 === 0
      ? [
          { name: 'n', value: Buffer.from(`${i}`) },
          { name: 'null', value: null },
        ]
      : [],
}));

function write(compression: Codec): Buffer {
  const writer = new BatchWriter({ compression });
  for (const record of expected) writer.append(record.timestampMs, record.key, record.value, record.headers);
  return writer.finish({
    ...producer,
    baseOffset: 1234,
    baseSequence: 77,
    transactional: true,
    partitionLeaderEpoch: 5,
  });
}

describe('bytes written by Apache Kafka 4.1.0', () => {
  it.each(CODECS)('are read as the records they hold (%s)', (codec) => {
    const set = golden.get(codec)!;
    const header = readBatchHeader(set, 0) as BatchHeader;
    checkBatch(set, header);
    expect(header).toMatchObject({
      ...producer,
      byteLength: set.length,
      compression: codec,
      baseOffset: 1234,
      lastOffsetDelta: 49,
      recordCount: 50,
      baseSequence: 77,
      partitionLeaderEpoch: 5,
      isTransactional: true,
      isControl: false,
      timestampType: 'createTime',
      baseTimestampMs: BASE_MS,
      maxTimestampMs: BASE_MS + 4_800_000,
    });
    const cursor = new RecordCursor();
    cursor.open(set);
    const records = [];
    while (cursor.next()) {
      const { bytes, offset, timestampMs, keyStart, keyEnd, valueStart, valueEnd } = cursor;
      records.push({
        offset,
        timestampMs,
        key: keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd),
        value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
        headers: cursor.headers(),
      });
    }
    expect(records).toEqual(expected);
  });

  it('are the very bytes that BatchWriter writes', () => {
    expect(write('none').toString('hex')).toBe(golden.get('none')!.toString('hex'));
  });

  it.each(['commit', 'abort'] as const)('are the very bytes of controlBatch (%s)', (type) => {
    const set = golden.get(type)!;
    const header = readBatchHeader(set, 0) as BatchHeader;
    expect([header.isControl, readControlType(set, header)]).toEqual([true, type]);
    const own = controlBatch({
      ...producer,
      type,
      coordinatorEpoch: 21,
      timestampMs: BASE_MS,
      baseOffset: 9,
    });
    own.writeInt32BE(5, 12);
    expect(own.toString('hex')).toBe(set.toString('hex'));
  });
});
