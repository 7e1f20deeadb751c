import { describe, expect, it } from '@jest/globals';
import { checkBatch, readBatchHeader, type BatchHeader } from './batch-header.ts';
import { BatchWriter } from './batch-writer.ts';
import { crc32c } from './crc32c.ts';
import { RecordCursor } from './record-cursor.ts';
import { stampBatch } from './stamp-batch.ts';

const code = (name: string) => expect.objectContaining({ code: `RECORD_BATCH_${name}` });

describe('BatchWriter', () => {
  it('grows as needed and is reused', () => {
    const writer = new BatchWriter({ initialBytes: 64 });
    for (let round = 0; round < 3; round++) {
      writer.reset();
      for (let index = 0; index < 500; index++) writer.append(index, null, Buffer.alloc(100, round));
      const batch = writer.finish();
      expect(batch.length).toBe(writer.byteLength);
      const cursor = new RecordCursor();
      cursor.open(batch);
      let count = 0;
      while (cursor.next()) {
        expect([cursor.bytes[cursor.valueStart], cursor.valueEnd - cursor.valueStart]).toEqual([round, 100]);
        count++;
      }
      expect([count, writer.recordCount]).toEqual([500, 500]);
    }
  });

  it('writes slices of bytes, short and long, null and empty', () => {
    const source = Uint8Array.from({ length: 256 }, (_, index) => index);
    const writer = new BatchWriter();
    writer.appendSlices(1, source, 3, 7, source, 10, 200);
    writer.appendSlices(2, source, -1, -1, source, 5, 5);
    writer.appendSlices(3, source, 5, 5, source, -1, 0);
    const cursor = new RecordCursor();
    cursor.open(writer.finish());
    const seen = [];
    while (cursor.next()) {
      seen.push([
        cursor.keyStart < 0 ? null : [...cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd)],
        cursor.valueStart < 0 ? null : [...cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd)],
      ]);
    }
    expect(seen).toEqual([
      [[3, 4, 5, 6], [...source.subarray(10, 200)]],
      [null, []],
      [[], null],
    ]);
  });

  it('leaves room for keys and values that the caller writes', () => {
    const lengths = [0, 1, 63, 64, 200, 9_000];
    const records = lengths.flatMap((key) => [...lengths, -1].map((value) => ({ key, value })));
    const [reserved, appended] = [new BatchWriter({ initialBytes: 64 }), new BatchWriter()];
    records.forEach(({ key, value }, n) => {
      reserved.reserve(1_000 + n, key, value);
      reserved.buffer.fill(n, reserved.keyAt, reserved.keyAt + key);
      if (value > 0) reserved.buffer.fill(n + 1, reserved.valueAt, reserved.valueAt + value);
      appended.append(1_000 + n, Buffer.alloc(key, n), value < 0 ? null : Buffer.alloc(value, n + 1));
    });
    expect(reserved.finish().equals(appended.finish())).toBe(true);
  });

  it('refuses a record that would pass maxBytes and keeps the batch as it was', () => {
    const writer = new BatchWriter({ maxBytes: 200 });
    writer.append(1, null, Buffer.alloc(100));
    expect(() => writer.append(2, null, Buffer.alloc(100))).toThrow(code('TOO_LARGE'));
    expect(() => writer.append(2.5, null, null)).toThrow(code('ARGUMENT'));
    expect(() => writer.append(2 ** 52 + 1, null, null)).toThrow(code('ARGUMENT'));
    expect(writer.recordCount).toBe(1);
    const header = readBatchHeader(writer.finish(), 0) as BatchHeader;
    expect([header.recordCount, header.maxTimestampMs, header.byteLength]).toEqual([1, 1, writer.byteLength]);
    writer.append(3, null, Buffer.alloc(10));
    expect(writer.recordCount).toBe(2);
  });

  it('refuses an empty batch and an offset delta that goes back', () => {
    const writer = new BatchWriter();
    expect(() => writer.finish()).toThrow(code('EMPTY'));
    writer.append(1, null, null);
    expect(() => writer.skipTo(0)).toThrow(code('ARGUMENT'));
  });

  it('finishes the same records again for another epoch', () => {
    const writer = new BatchWriter();
    writer.append(1, null, Buffer.from('x'));
    const first = Buffer.from(writer.finish({ producerId: 9, producerEpoch: 1, baseSequence: 4 }));
    const second = writer.finish({ producerId: 9, producerEpoch: 2, baseSequence: 4 });
    for (const [batch, epoch] of [
      [first, 1],
      [second, 2],
    ] as const) {
      const header = readBatchHeader(batch, 0) as BatchHeader;
      checkBatch(batch, header);
      expect(header.producerEpoch).toBe(epoch);
    }
  });
});

describe('stampBatch', () => {
  const writer = new BatchWriter();
  writer.append(1000, null, Buffer.from('x'));
  const batch = () => Buffer.concat([Buffer.alloc(5), writer.finish({ producerId: 2 ** 40 })]);

  it('writes offset and epoch and leaves the CRC right', () => {
    const bytes = batch();
    stampBatch(bytes, 5, { baseOffset: 2 ** 40 + 3, partitionLeaderEpoch: 7 });
    const header = readBatchHeader(bytes, 5) as BatchHeader;
    checkBatch(bytes, header);
    expect(header).toMatchObject({
      baseOffset: 2 ** 40 + 3,
      partitionLeaderEpoch: 7,
      producerId: 2 ** 40,
      timestampType: 'createTime',
    });
  });

  it('writes the append time and makes the CRC anew', () => {
    const bytes = batch();
    stampBatch(bytes, 5, { baseOffset: 0, partitionLeaderEpoch: 0, logAppendTimeMs: 1_800_000_000_000 });
    const header = readBatchHeader(bytes, 5) as BatchHeader;
    checkBatch(bytes, header);
    expect(header).toMatchObject({ timestampType: 'logAppendTime', maxTimestampMs: 1_800_000_000_000 });
  });
});

describe('crc32c', () => {
  it('agrees with the check value and the examples of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from('--123456789--'), 2, 11)).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(0))).toBe(0);
  });
});
