import { ResponseError, Writer } from '@platformatic/kafka';
import type { Reader } from '@platformatic/kafka';
import type { Exchange } from './frame-channel.ts';

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

const apiKey = 0;
const apiVersion = 9;
const allReplicas = -1;
const timeoutMs = 30_000;

/** A broker takes one batch a partition in a request: `batches` must not name a partition twice. */
function requestParts(transactionalId: string | null, batches: readonly EncodedBatch[]): Buffer[] {
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
    .appendTaggedFields().buffers;
}

function parseResponse(reader: Reader): ProducedBatch[] {
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
export const produceRequest = (
  transactionalId: string | null,
  batches: readonly EncodedBatch[],
): Exchange<ProducedBatch[]> => ({
  apiKey,
  apiVersion,
  parts: requestParts(transactionalId, batches),
  parse: parseResponse,
});
