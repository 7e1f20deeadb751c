import type { Reader } from '@platformatic/kafka';
import { createAPI, ResponseError, Writer } from '@platformatic/kafka';

/** One partition to read from; the answer holds at least one whole batch however small `maxBytes` is. */
export interface FetchPartition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** What a broker gave of one partition: record batches as they lie in its log, unread. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  /** The first offset that an open transaction may still change. */
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly records: Buffer | undefined;
}

export interface FetchOptions {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
}

const readCommitted = 1;

function createRequest(
  { maxWaitMs, minBytes, maxBytes }: FetchOptions,
  partitions: readonly FetchPartition[],
): Writer {
  const byTopic = [...Map.groupBy(partitions, ({ topic }) => topic)];
  return Writer.create()
    .appendInt32(-1)
    .appendInt32(maxWaitMs)
    .appendInt32(minBytes)
    .appendInt32(maxBytes)
    .appendInt8(readCommitted)
    .appendInt32(0)
    .appendInt32(-1)
    .appendArray(byTopic, (writer, [topic, some]) => {
      writer
        .appendString(topic)
        .appendArray(some, (inner, { partition, offset, maxBytes: partitionMaxBytes }) => {
          inner
            .appendInt32(partition)
            .appendInt32(-1)
            .appendInt64(BigInt(offset))
            .appendInt32(-1)
            .appendInt64(-1n)
            .appendInt32(partitionMaxBytes);
        });
    })
    .appendArray([], () => undefined)
    .appendString('')
    .appendTaggedFields();
}

function parseResponse(
  _correlationId: number,
  apiKey: number,
  apiVersion: number,
  reader: Reader,
): FetchedPartition[] {
  reader.readInt32();
  const errorCode = reader.readInt16();
  reader.readInt32();
  const fetched: FetchedPartition[] = [];
  reader.readArray((r) => {
    const topic = r.readString();
    r.readArray((p) => {
      const partition = p.readInt32();
      const partitionError = p.readInt16();
      const highWatermark = Number(p.readInt64());
      const lastStableOffset = Number(p.readInt64());
      const logStartOffset = Number(p.readInt64());
      const abortedTransactions =
        p.readNullableArray((a) => ({
          producerId: Number(a.readInt64()),
          firstOffset: Number(a.readInt64()),
        })) ?? [];
      p.readInt32();
      const size = p.readUnsignedVarInt() - 1;
      let records: Buffer | undefined;
      if (size > 0) {
        records = p.buffer.subarray(p.position, p.position + size).buffer;
        p.skip(size);
      }
      fetched.push({
        topic,
        partition,
        errorCode: partitionError,
        highWatermark,
        lastStableOffset,
        logStartOffset,
        abortedTransactions,
        records,
      });
    });
  });
  if (errorCode !== 0) throw new ResponseError(apiKey, apiVersion, { '/': [errorCode, null] }, fetched);
  return fetched;
}

/**
 * Fetch, read_committed, records left as bytes; version 12, the last that names topics.
 * @see https://kafka.apache.org/protocol.html#The_Messages_Fetch
 */
export const fetchApi = createAPI<[FetchOptions, readonly FetchPartition[]], FetchedPartition[]>(
  1,
  12,
  createRequest,
  parseResponse,
);
