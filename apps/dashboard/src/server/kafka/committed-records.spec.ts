import { describe, expect, it } from '@jest/globals';
import type { RecordsBatch } from '@platformatic/kafka';
import { committedRecords } from './committed-records.ts';

const batch = (producerId: number, offset: number, values: string[], attributes = 0x10): RecordsBatch => ({
  firstOffset: BigInt(offset),
  length: 0,
  partitionLeaderEpoch: 0,
  magic: 2,
  crc: 0,
  attributes,
  lastOffsetDelta: values.length - 1,
  firstTimestamp: 1_000n,
  maxTimestamp: 1_000n,
  producerId: BigInt(producerId),
  producerEpoch: 0,
  firstSequence: 0,
  records: values.map((value, offsetDelta) => ({
    length: 0,
    attributes: 0,
    timestampDelta: BigInt(offsetDelta),
    offsetDelta,
    key: null,
    value: Buffer.from(value),
    headers: [[Buffer.from('reason'), Buffer.from('format')]],
  })),
});
const marker = (producerId: number, offset: number, type: 'abort' | 'commit'): RecordsBatch => {
  const control = batch(producerId, offset, [''], 0x30);
  control.records[0]!.key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]);
  return control;
};
const aborted = (producerId: number, firstOffset: number) => ({
  producerId: BigInt(producerId),
  firstOffset: BigInt(firstOffset),
});
const valuesOf = (records: readonly { value: Buffer | null }[]) => records.map(({ value }) => String(value));

describe('committedRecords', () => {
  it('reads offsets, times, values and headers, from the offset that was asked for', () => {
    const { records, nextOffset } = committedRecords(
      { abortedTransactions: null, records: [batch(-1, 10, ['a', 'b', 'c'], 0)] },
      11,
    );
    expect(records).toEqual([
      { offset: 11, timestampMs: 1_001, key: null, value: Buffer.from('b'), headers: [['reason', 'format']] },
      { offset: 12, timestampMs: 1_002, key: null, value: Buffer.from('c'), headers: [['reason', 'format']] },
    ]);
    expect(nextOffset).toBe(13);
  });

  it('leaves out several aborted transactions of one producer, keeping what it committed between them', () => {
    const { records, nextOffset } = committedRecords(
      {
        abortedTransactions: [aborted(1, 4), aborted(1, 0)],
        records: [
          batch(1, 0, ['x']),
          marker(1, 1, 'abort'),
          batch(1, 2, ['kept']),
          marker(1, 3, 'commit'),
          batch(1, 4, ['x', 'x']),
          batch(2, 6, ['other']),
          marker(1, 7, 'abort'),
        ],
      },
      0,
    );
    expect(valuesOf(records)).toEqual(['kept', 'other']);
    expect(nextOffset).toBe(8);
  });

  it('leaves out an aborted transaction whose marker has not been fetched yet', () => {
    const { records, nextOffset } = committedRecords(
      { abortedTransactions: [aborted(1, 0)], records: [batch(1, 0, ['x', 'x'])] },
      0,
    );
    expect(records).toEqual([]);
    expect(nextOffset).toBe(2);
  });

  it('goes past markers and stays where nothing came', () => {
    expect(
      committedRecords({ abortedTransactions: null, records: [marker(1, 5, 'commit')] }, 5).nextOffset,
    ).toBe(6);
    expect(committedRecords({ abortedTransactions: null, records: null }, 5)).toEqual({
      records: [],
      nextOffset: 5,
    });
  });
});
