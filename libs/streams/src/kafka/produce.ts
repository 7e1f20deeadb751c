import { createAPI, ResponseError, Writer } from '@platformatic/kafka';
import type { Reader } from '@platformatic/kafka';

/** One whole record batch for one partition. */
export interface EncodedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** Where a batch came to lie; `baseOffset` is -1 for one that was sent before and is too old for the broker to remember where. */
export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
}

const allReplicas = -1;
const timeoutMs = 30_000;

/** A broker takes one batch a partition in a request: `batches` must not name a partition twice. */
function createRequest(transactionalId: string | null, batches: readonly EncodedBatch[]): Writer {
  const byTopic = [...Map.groupBy(batches, ({ topic }) => topic)];
  return Writer.create()
    .appendString(transactionalId)
    .appendInt16(allReplicas)
    .appendInt32(timeoutMs)
    .appendArray(byTopic, (writer, [topic, some]) => {
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
  apiKey: number,
  apiVersion: number,
  reader: Reader,
): ProducedBatch[] {
  const produced: ProducedBatch[] = [];
  const errors: Record<string, [number, string | null]> = {};
  reader.readArray((r) => {
    const topic = r.readString();
    r.readArray((p) => {
      const partition = p.readInt32();
      const errorCode = p.readInt16();
      const baseOffset = Number(p.readInt64());
      p.readInt64();
      p.readInt64();
      p.readArray((e) => {
        e.readInt32();
        e.readNullableString();
      });
      const message = p.readNullableString();
      if (errorCode !== 0) errors[`${topic}/${partition}`] = [errorCode, message];
      produced.push({ topic, partition, baseOffset });
    });
  });
  reader.readInt32();
  if (Object.keys(errors).length > 0) throw new ResponseError(apiKey, apiVersion, errors, undefined);
  return produced;
}

/**
 * Produce, acks = all, of batches that are encoded already.
 * @see https://kafka.apache.org/protocol.html#The_Messages_Produce
 */
export const produceApi = createAPI<[string | null, readonly EncodedBatch[]], ProducedBatch[]>(
  0,
  9,
  createRequest,
  parseResponse,
);
