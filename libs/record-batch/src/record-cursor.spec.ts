import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BatchWriter } from './batch-writer.ts';
import { CODECS } from './compression/codec.ts';
import { controlBatch } from './control-batch.ts';
import { RecordBatchError } from './errors.ts';
import { RecordCursor, type OpenOptions } from './record-cursor.ts';
import { stampBatch } from './stamp-batch.ts';

interface Record {
  timestampMs: number;
  key: string | null;
  value: string | null;
  headers: { name: string; value: Uint8Array | null }[];
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const records = fc.array(
  fc.record({
    timestampMs: fc.oneof(
      fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
      fc.integer({ min: -1, max: 2 ** 51 }),
    ),
    key: fc.option(bytes(200)),
    value: fc.option(bytes(20_000)),
    headers: fc.array(fc.record({ name: fc.string(), value: fc.option(bytes(300)) }), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** One batch of records with the given values, at an offset. */
function batch(
  baseOffset: number,
  values: (string | null)[],
  finish = {},
  compression = CODECS[0] as never,
): Buffer {
  const writer = new BatchWriter({ compression });
  for (const [index, value] of values.entries()) {
    writer.append(1000 + index, Buffer.from(`k${index}`), value === null ? null : Buffer.from(value));
  }
  return writer.finish({ baseOffset, ...finish });
}

function readAll(set: Buffer, options?: OpenOptions): Record[] {
  const cursor = new RecordCursor();
  cursor.open(set, options);
  const rows: Record[] = [];
  while (cursor.next()) rows.push(row(cursor));
  return rows;
}

function row(cursor: RecordCursor): Record & { offset: number } {
  const text = (start: number, end: number) =>
    start < 0 ? null : cursor.bytes.toString('latin1', start, end);
  return {
    offset: cursor.offset,
    timestampMs: cursor.timestampMs,
    key: text(cursor.keyStart, cursor.keyEnd),
    value: text(cursor.valueStart, cursor.valueEnd),
    headers: cursor.headers(),
  };
}

const values = (set: Buffer, options?: OpenOptions) => readAll(set, options).map((record) => record.value);
const transactional = (producerId: number) => ({ producerId, producerEpoch: 0, transactional: true });

/** Walks to the end through all typed errors and says what it saw; without an assertion a step, which would be slow. */
function walk(cursor: RecordCursor): string {
  // Each step ends a record or a batch, of which there cannot be more than bytes.
  const mostSteps = 1 << 20;
  let passed = -1;
  for (let steps = 0; steps < mostSteps; steps++) {
    try {
      if (!cursor.next()) return 'ended';
      if (cursor.keyEnd > cursor.bytes.length || cursor.valueEnd > cursor.bytes.length)
        return 'a range beyond the bytes';
      cursor.headers();
    } catch (error) {
      if (!(error instanceof RecordBatchError)) throw error;
    }
    if (cursor.nextOffset < passed) return `next offset ${cursor.nextOffset} after ${passed}`;
    passed = cursor.nextOffset;
  }
  return 'no end';
}

describe('RecordCursor', () => {
  it.each(CODECS)('reads what BatchWriter wrote, compressed with %s', (compression) => {
    const writer = new BatchWriter({ compression, initialBytes: 64, maxBytes: 2 ** 24 });
    fc.assert(
      fc.property(records, fc.integer({ min: 0, max: 2 ** 50 }), (input, baseOffset) => {
        writer.reset();
        for (const { timestampMs, key, value, headers } of input)
          writer.append(timestampMs, key, value, headers);
        const rows = readAll(Buffer.from(writer.finish({ baseOffset })));
        expect(rows).toEqual(
          input.map(({ timestampMs, key, value, headers }, index) => ({
            offset: baseOffset + index,
            timestampMs,
            key: key?.toString('latin1') ?? null,
            value: value?.toString('latin1') ?? null,
            headers: headers.map((header) => ({
              name: Buffer.from(header.name).toString(),
              value: header.value,
            })),
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('walks several batches and passes over the records below fromOffset', () => {
    const set = Buffer.concat([batch(10, ['a', 'b']), batch(12, ['c', null]), batch(20, ['d'])]);
    const cursor = new RecordCursor();
    cursor.open(set, { fromOffset: 11 });
    expect(cursor.nextOffset).toBe(11);
    const seen: unknown[] = [];
    while (cursor.next()) seen.push([cursor.offset, row(cursor).value, cursor.nextOffset]);
    expect(seen).toEqual([
      [11, 'b', 12],
      [12, 'c', 13],
      [13, null, 14],
      [20, 'd', 21],
    ]);
    expect(values(set, { fromOffset: 14 })).toEqual(['d']);
    expect(values(set, { fromOffset: 99 })).toEqual([]);
  });

  it('reads the part of a buffer that it is given', () => {
    const one = batch(0, ['a']);
    const set = Buffer.concat([Buffer.alloc(7), one, batch(1, ['b'])]);
    expect(values(set, { start: 7, end: 7 + one.length })).toEqual(['a']);
  });

  it('passes over control batches and counts them in nextOffset', () => {
    const marker = controlBatch({
      type: 'commit',
      producerId: 7,
      producerEpoch: 0,
      coordinatorEpoch: 3,
      timestampMs: 5,
      baseOffset: 1,
    });
    const cursor = new RecordCursor();
    cursor.open(Buffer.concat([batch(0, ['a'], transactional(7)), marker]), {});
    expect(cursor.next()).toBe(true);
    expect(cursor.next()).toBe(false);
    expect(cursor.nextOffset).toBe(2);
    expect(cursor.next()).toBe(false);
  });

  it('leaves out the aborted transactions, interleaved with others, up to their markers', () => {
    const end = (type: 'commit' | 'abort', producerId: number, baseOffset: number) =>
      controlBatch({ type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: 0, baseOffset });
    const set = Buffer.concat([
      batch(0, ['a0'], transactional(1)),
      batch(1, ['b0'], transactional(2)),
      batch(2, ['plain']),
      end('abort', 1, 3),
      batch(4, ['a1'], transactional(1)),
      batch(5, ['b1'], transactional(2)),
      end('commit', 2, 6),
      end('commit', 1, 7),
      batch(8, ['a2'], transactional(1)),
      end('abort', 1, 9),
      batch(10, ['a3'], transactional(1)),
    ]);
    const abortedTransactions = [
      { producerId: 1, firstOffset: 8 },
      { producerId: 1, firstOffset: 0 },
    ];
    expect(values(set, { abortedTransactions })).toEqual(['b0', 'plain', 'a1', 'b1', 'a3']);
    expect(values(set)).toHaveLength(7);
  });

  it('keeps the offsets of a compacted batch and goes on behind its gaps', () => {
    const writer = new BatchWriter();
    writer.skipTo(2);
    writer.append(5, null, Buffer.from('x'));
    writer.skipTo(6);
    writer.append(5, null, Buffer.from('y'));
    const cursor = new RecordCursor();
    cursor.open(writer.finish({ baseOffset: 100, lastOffsetDelta: 9 }));
    const offsets: number[] = [];
    while (cursor.next()) offsets.push(cursor.offset);
    expect(offsets).toEqual([102, 106]);
    expect(cursor.nextOffset).toBe(110);
  });

  it('gives every record the append time of a batch that the broker stamped with it', () => {
    const set = batch(0, ['a', 'b']);
    stampBatch(set, 0, { baseOffset: 5, partitionLeaderEpoch: 1, logAppendTimeMs: 99_000 });
    expect(readAll(set)).toMatchObject([
      { offset: 5, timestampMs: 99_000 },
      { offset: 6, timestampMs: 99_000 },
    ]);
  });

  it('finds the last header of a name, and none with a null value', () => {
    const writer = new BatchWriter();
    writer.append(0, null, null, [
      { name: 'trace', value: Buffer.from('1') },
      { name: 'träce', value: Buffer.from('x') },
      { name: 'trace', value: Buffer.from('22') },
      { name: 'gone', value: null },
    ]);
    const cursor = new RecordCursor();
    cursor.open(writer.finish());
    expect(cursor.next()).toBe(true);
    expect(cursor.headerCount).toBe(4);
    expect(cursor.header('trace')?.toString()).toBe('22');
    expect(cursor.header('träce')?.toString()).toBe('x');
    expect(cursor.header('gone')).toBeUndefined();
    expect(cursor.header('missing')).toBeUndefined();
  });

  it('stops at a torn tail, wherever it was cut', () => {
    const whole = batch(0, ['a', 'b']);
    const set = Buffer.concat([whole, batch(2, ['c'])]);
    for (let cut = whole.length; cut < set.length; cut++) {
      const cursor = new RecordCursor();
      cursor.open(set.subarray(0, cut));
      let count = 0;
      while (cursor.next()) count++;
      expect([count, cursor.nextOffset, cursor.tornBytes]).toEqual([2, 2, cut - whole.length]);
    }
  });

  it('refuses a changed byte by its CRC and goes on behind that batch when asked to', () => {
    const damaged = batch(0, ['a', 'b']);
    damaged[damaged.length - 2]! ^= 1;
    const cursor = new RecordCursor();
    cursor.open(Buffer.concat([damaged, batch(2, ['c'])]));
    expect(() => cursor.next()).toThrow(
      expect.objectContaining({ code: 'RECORD_BATCH_CRC', retriable: true }),
    );
    expect(cursor.nextOffset).toBe(2);
    expect(cursor.next()).toBe(true);
    expect(cursor.offset).toBe(2);
    expect(values(damaged, { checkCrc: false })).toHaveLength(2);
  });

  it('refuses a message set of magic 1 by name and goes on behind it', () => {
    const old = batch(0, ['a']);
    old[16] = 1;
    const cursor = new RecordCursor();
    cursor.open(Buffer.concat([old, batch(1, ['b'])]));
    expect(() => cursor.next()).toThrow(expect.objectContaining({ code: 'RECORD_BATCH_MAGIC' }));
    expect(cursor.next()).toBe(true);
    expect(row(cursor).value).toBe('b');
  });

  it.each(CODECS)('gives typed errors or valid records for any changed bytes (%s)', (compression) => {
    const writer = new BatchWriter({ compression });
    for (let index = 0; index < 20; index++) {
      writer.append(index * 1000, Buffer.from(`key ${index}`), Buffer.from('value '.repeat(index)), [
        { name: 'n', value: Buffer.from('v') },
      ]);
    }
    const good = Buffer.concat([writer.finish(), writer.finish({ baseOffset: 20 })]);
    const change = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(change, (changes) => {
        const set = Buffer.from(good);
        for (const [at, byte] of changes) set[at] = byte;
        const cursor = new RecordCursor();
        cursor.open(set, { checkCrc: false, maxDecompressedBytes: 1 << 20 });
        expect(walk(cursor)).toBe('ended');
      }),
      { numRuns: 500 },
    );
  });
});
