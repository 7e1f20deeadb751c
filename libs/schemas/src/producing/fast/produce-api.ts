import { createAPI, Writer, type Reader } from '@platformatic/kafka';

export interface BatchToSend {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

export interface PartitionResult {
  readonly topic: string;
  readonly partition: number;
  /** 0: written. */
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly baseOffset: number;
}

const ALL_REPLICAS = -1;
/** How long the leader waits for the replicas. */
const REPLICAS_TIMEOUT_MS = 30_000;

/** Produce version 9 with whole batches, at most one per partition; a partition's failure is a result, not an exception. */
export const produceApi = createAPI<[readonly BatchToSend[]], readonly PartitionResult[]>(
  0,
  9,
  createRequest,
  parseResponse,
);

function createRequest(batches: readonly BatchToSend[]): Writer {
  return Writer.create()
    .appendString(null)
    .appendInt16(ALL_REPLICAS)
    .appendInt32(REPLICAS_TIMEOUT_MS)
    .appendArray([...Map.groupBy(batches, ({ topic }) => topic)], (writer, [topic, some]) => {
      writer.appendString(topic).appendArray(some, (inner, { partition, bytes }) => {
        inner
          .appendInt32(partition)
          .appendUnsignedVarInt(bytes.length + 1)
          .append(bytes);
      });
    })
    .appendTaggedFields();
}

function parseResponse(
  _correlationId: number,
  _key: number,
  _version: number,
  reader: Reader,
): PartitionResult[] {
  const results: PartitionResult[] = [];
  reader.readArray((responses) => {
    const topic = responses.readString();
    responses.readArray((entry) => {
      const partition = entry.readInt32();
      const errorCode = entry.readInt16();
      const baseOffset = Number(entry.readInt64());
      entry.readInt64();
      entry.readInt64();
      entry.readArray((fault) => {
        fault.readInt32();
        fault.readNullableString();
      });
      results.push({ topic, partition, errorCode, baseOffset, errorMessage: entry.readNullableString() });
    });
  });
  reader.readInt32();
  reader.readTaggedFields();
  return results;
}
