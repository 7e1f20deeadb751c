import { createAPI, Writer, type Reader } from '@platformatic/kafka';

interface FetchQuery {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: number }[];
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitionBytes: number;
}

interface FetchedBytes {
  readonly partition: number;
  readonly bytes: Buffer;
}

/** Fetch version 12 that leaves the record sets as bytes. */
export const fetchBytes = createAPI<[FetchQuery], FetchedBytes[]>(1, 12, fetchRequest, fetchResponse);

/** Produce version 9 of one batch that is there as bytes. */
export const produceBytes = createAPI<[ProduceCommand], void>(0, 9, produceRequest, produceResponse);

interface ProduceCommand {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

function fetchRequest(query: FetchQuery): Writer {
  return Writer.create()
    .appendInt32(-1)
    .appendInt32(query.maxWaitMs)
    .appendInt32(query.minBytes)
    .appendInt32(query.maxBytes)
    .appendInt8(0)
    .appendInt32(0)
    .appendInt32(-1)
    .appendArray([query.topic], (topics, topic) => {
      topics.appendString(topic).appendArray([...query.partitions], (partitions, { partition, offset }) => {
        partitions
          .appendInt32(partition)
          .appendInt32(-1)
          .appendInt64(BigInt(offset))
          .appendInt32(-1)
          .appendInt64(-1n)
          .appendInt32(query.partitionBytes);
      });
    })
    .appendArray([], () => undefined)
    .appendString('')
    .appendTaggedFields();
}

function fetchResponse(_correlation: number, _key: number, _version: number, reader: Reader): FetchedBytes[] {
  reader.readInt32();
  refuse('fetch', reader.readInt16());
  reader.readInt32();
  const fetched: FetchedBytes[] = [];
  reader.readArray((topics) => {
    topics.readString();
    topics.readArray((partitions) => {
      const partition = partitions.readInt32();
      refuse('fetch', partitions.readInt16());
      partitions.skip(24);
      partitions.readNullableArray((aborted) => aborted.skip(16));
      partitions.readInt32();
      const size = partitions.readUnsignedVarInt() - 1;
      if (size > 0) {
        const { position } = partitions;
        fetched.push({ partition, bytes: partitions.buffer.subarray(position, position + size).buffer });
        partitions.skip(size);
      }
    });
  });
  return fetched;
}

function produceRequest({ topic, partition, batch }: ProduceCommand): Writer {
  return Writer.create()
    .appendString(null)
    .appendInt16(-1)
    .appendInt32(30_000)
    .appendArray([topic], (topics, name) => {
      topics.appendString(name).appendArray([partition], (partitions, index) => {
        partitions
          .appendInt32(index)
          .appendUnsignedVarInt(batch.length + 1)
          .append(batch);
      });
    })
    .appendTaggedFields();
}

function produceResponse(_correlation: number, _key: number, _version: number, reader: Reader): void {
  reader.readArray((topics) => {
    topics.readString();
    topics.readArray((partitions) => {
      partitions.readInt32();
      refuse('produce', partitions.readInt16());
      partitions.skip(24);
      partitions.readNullableArray((errors) => {
        errors.readInt32();
        errors.readNullableString();
      });
      partitions.readNullableString();
    });
  });
}

function refuse(what: string, errorCode: number): void {
  if (errorCode !== 0) throw new Error(`the broker answered ${what} with error code ${errorCode}`);
}
