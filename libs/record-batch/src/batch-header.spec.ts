import { describe, expect, it } from '@jest/globals';
import { emptyBatchHeader, readBatchHeader } from './batch-header.ts';
import { ATTRIBUTES, BASE_OFFSET, LAST_OFFSET_DELTA, LENGTH, MAGIC, RECORD_COUNT } from './batch-layout.ts';
import { BatchWriter } from './batch-writer.ts';

const writer = new BatchWriter();
writer.append(1, null, Buffer.from('x'));
const batch = Buffer.from(writer.finish());

/** The batch with a change, which a test expects to be refused. */
function changed(change: (bytes: Buffer) => void): () => unknown {
  const bytes = Buffer.from(batch);
  change(bytes);
  return () => readBatchHeader(bytes, 0);
}

describe('readBatchHeader', () => {
  it('gives undefined for less than a whole batch', () => {
    for (let length = 0; length < batch.length; length++) {
      expect(readBatchHeader(batch.subarray(0, length), 0)).toBeUndefined();
    }
  });

  it('fills the object that it is given', () => {
    const into = emptyBatchHeader();
    expect(readBatchHeader(batch, 0, into)).toBe(into);
    expect(into.recordCount).toBe(1);
  });

  it.each([
    ['a length shorter than a header', (bytes: Buffer) => bytes.writeInt32BE(48, LENGTH)],
    ['a negative length', (bytes: Buffer) => bytes.writeInt32BE(-1, LENGTH)],
    ['a negative offset', (bytes: Buffer) => bytes.writeInt32BE(-1, BASE_OFFSET)],
    ['an offset beyond 2^53', (bytes: Buffer) => bytes.writeInt32BE(2 ** 21, BASE_OFFSET)],
    ['a negative last offset', (bytes: Buffer) => bytes.writeInt32BE(-1, LAST_OFFSET_DELTA)],
    ['a negative record count', (bytes: Buffer) => bytes.writeInt32BE(-1, RECORD_COUNT)],
    ['more records than offsets', (bytes: Buffer) => bytes.writeInt32BE(2, RECORD_COUNT)],
  ])('refuses %s', (_what, change) => {
    expect(changed(change)).toThrow(expect.objectContaining({ code: 'RECORD_BATCH_MALFORMED' }));
  });

  it('refuses other magics and unknown codecs', () => {
    expect(changed((bytes) => bytes.writeInt8(1, MAGIC))).toThrow(
      expect.objectContaining({ code: 'RECORD_BATCH_MAGIC' }),
    );
    expect(changed((bytes) => bytes.writeInt16BE(5, ATTRIBUTES))).toThrow(
      expect.objectContaining({ code: 'RECORD_BATCH_COMPRESSION' }),
    );
  });
});
