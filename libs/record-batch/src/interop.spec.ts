import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import {
  createRecordsBatch,
  Reader,
  readRecordsBatch,
  type CompressionAlgorithmValue,
} from '@platformatic/kafka';
import { BatchWriter } from './batch-writer.ts';
import { CODECS, type Codec } from './compression/codec.ts';
import { RecordCursor } from './record-cursor.ts';

const require = createRequire(import.meta.url);
/** The parts of kafkajs that its producer and consumer are made of; they have no types and no public entry. */
const KafkajsDecoder = require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => object;
const readKafkajsBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder.js') as (
  decoder: object,
) => Promise<{
  records: { offset: string; timestamp: string; key: Buffer | null; value: Buffer | null; headers: object }[];
}>;
const { RecordBatch: kafkajsBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch(options: object): Promise<{ buffer: Buffer }>;
};
const kafkajsRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
  options: object,
) => object;

const BASE_MS = 1_700_000_000_000;
const rows = Array.from({ length: 300 }, (_, i) => ({
  timestampMs: BASE_MS + i * i * 1000,
  key: i % 3 === 0 ? null : `k${i}`,
  value: i % 10 === 9 ? null : `value ${i} `.repeat(i % 40),
  headers: i % 4 === 0 ? [{ name: 'h', value: `${i}` }] : [],
}));
type Row = (typeof rows)[number];

function write(compression: Codec): Buffer {
  const writer = new BatchWriter({ compression });
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  for (const { timestampMs, key, value, headers } of rows) {
    writer.append(
      timestampMs,
      bytes(key),
      bytes(value),
      headers.map((header) => ({ name: header.name, value: Buffer.from(header.value) })),
    );
  }
  return Buffer.from(writer.finish());
}

function read(set: Buffer): Row[] {
  const cursor = new RecordCursor();
  // kafkajs leaves the CRC right; so does the other: the default check stays on.
  cursor.open(set);
  const found: Row[] = [];
  const text = (start: number, end: number) => (start < 0 ? null : cursor.bytes.toString('utf8', start, end));
  while (cursor.next()) {
    found.push({
      timestampMs: cursor.timestampMs,
      key: text(cursor.keyStart, cursor.keyEnd),
      value: text(cursor.valueStart, cursor.valueEnd),
      headers: cursor
        .headers()
        .map(({ name, value }) => ({ name, value: Buffer.from(value ?? []).toString() })),
    });
  }
  return found;
}

describe('kafkajs', () => {
  const codecs = [
    ['none', 0],
    ['gzip', 1],
  ] as const;

  it.each(codecs)('reads what BatchWriter wrote (%s)', async (codec, _number) => {
    const { records } = await readKafkajsBatch(new KafkajsDecoder(write(codec)));
    expect(
      records.map(({ timestamp, key, value, headers }) => ({
        timestampMs: Number(timestamp),
        key: key?.toString() ?? null,
        value: value?.toString() ?? null,
        headers: Object.entries(headers).map(([name, bytes]) => ({ name, value: String(bytes) })),
      })),
    ).toEqual(rows);
    expect(records.at(-1)!.offset).toBe('299');
  });

  it.each(codecs)('writes what RecordCursor reads (%s)', async (_codec, compression) => {
    const records = rows.map(({ timestampMs, key, value, headers }, offsetDelta) =>
      kafkajsRecord({
        offsetDelta,
        timestampDelta: timestampMs - BASE_MS,
        key,
        value,
        headers: Object.fromEntries(headers.map((header) => [header.name, header.value])),
      }),
    );
    const { buffer } = await kafkajsBatch({
      compression,
      firstTimestamp: BASE_MS,
      maxTimestamp: rows.at(-1)!.timestampMs,
      lastOffsetDelta: records.length - 1,
      records,
    });
    expect(read(buffer)).toEqual(rows);
  });
});

describe('@platformatic/kafka', () => {
  it.each(CODECS)('reads what BatchWriter wrote (%s)', (codec) => {
    const { records } = readRecordsBatch(Reader.from(write(codec)));
    expect(
      records.map(({ timestampDelta, key, value, headers }) => ({
        timestampMs: BASE_MS + Number(timestampDelta),
        key: key?.toString() ?? null,
        value: value?.toString() ?? null,
        headers: headers.map(([name, bytes]) => ({ name: String(name), value: String(bytes) })),
      })),
    ).toEqual(rows);
  });

  it.each(CODECS)('writes what RecordCursor reads (%s)', (codec) => {
    const messages = rows.map(({ timestampMs, key, value, headers }) => ({
      topic: 't',
      timestamp: BigInt(timestampMs),
      key: key === null ? undefined : Buffer.from(key),
      value: value === null ? undefined : Buffer.from(value),
      headers: new Map(headers.map((header) => [Buffer.from(header.name), Buffer.from(header.value)])),
    }));
    const batch = createRecordsBatch(messages as never, { compression: codec as CompressionAlgorithmValue });
    expect(read(batch.buffer)).toEqual(rows);
  });
});
