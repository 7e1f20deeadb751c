import { createAPI, Writer, type Reader } from '@platformatic/kafka';
import { RecordCursor } from '@millrace/record-batch';
import { SchemasError } from '../errors.ts';
import { BrokerConnections, type BrokerOptions } from '../producing/fast/broker-connections.ts';
import { errorText } from '../producing/fast/broker-errors.ts';

export interface RecordAddress {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface FetchedRecord {
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Fetch version 12 of one partition from one offset: whole batches, as they lie in the log. */
const fetchApi = createAPI<[RecordAddress], { errorCode: number; records: Buffer | undefined }>(
  1,
  12,
  ({ topic, partition, offset }: RecordAddress) =>
    Writer.create()
      .appendInt32(-1)
      .appendInt32(500)
      .appendInt32(1)
      .appendInt32(MAX_BYTES)
      .appendInt8(1)
      .appendInt32(0)
      .appendInt32(-1)
      .appendArray([topic], (writer, name) => {
        writer.appendString(name).appendArray([partition], (inner, index) => {
          inner.appendInt32(index).appendInt32(-1).appendInt64(BigInt(offset)).appendInt32(-1);
          inner.appendInt64(-1n).appendInt32(1024 * 1024);
        });
      })
      .appendArray([], () => undefined)
      .appendString('')
      .appendTaggedFields(),
  parseResponse,
);

function parseResponse(_correlationId: number, _key: number, _version: number, reader: Reader) {
  reader.readInt32();
  const answer = { errorCode: reader.readInt16(), records: undefined as Buffer | undefined };
  reader.readInt32();
  reader.readArray((topics) => {
    topics.readString();
    topics.readArray((entry) => {
      entry.readInt32();
      answer.errorCode ||= entry.readInt16();
      for (let offset = 0; offset < 3; offset++) entry.readInt64();
      entry.readArray((aborted) => {
        aborted.readInt64();
        aborted.readInt64();
      });
      entry.readInt32();
      const size = entry.readUnsignedVarInt() - 1;
      if (size > 0) {
        answer.records = Buffer.from(entry.buffer.subarray(entry.position, entry.position + size).buffer);
        entry.skip(size);
      }
    });
  });
  reader.readTaggedFields();
  return answer;
}

/** One record by its address. @throws SchemasError SCHEMAS_NO_RECORD */
export async function fetchRecord(brokers: BrokerOptions, address: RecordAddress): Promise<FetchedRecord> {
  const { topic, partition, offset } = address;
  const connections = new BrokerConnections(brokers);
  try {
    await connections.refresh([topic], { create: false });
    const leader = connections.leader(topic, partition);
    if (leader < 0)
      throw missing(`topic "${topic}" has no partition ${partition}, or it has no leader just now`);
    const { errorCode, records } = await connections.send(leader, fetchApi, address);
    if (errorCode !== 0) throw missing(`${topic}/${partition} at offset ${offset}: ${errorText(errorCode)}`);
    const cursor = new RecordCursor();
    cursor.open(records ?? Buffer.alloc(0), { fromOffset: offset });
    if (!cursor.next() || cursor.offset !== offset) {
      throw missing(
        `${topic}/${partition} has no record at offset ${offset}: it is past the end, compacted or deleted`,
      );
    }
    const { timestampMs, bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor;
    return {
      timestampMs,
      key: keyStart < 0 ? null : Buffer.from(bytes.subarray(keyStart, keyEnd)),
      value: valueStart < 0 ? null : Buffer.from(bytes.subarray(valueStart, valueEnd)),
    };
  } finally {
    await connections.close();
  }
}

function missing(message: string): SchemasError {
  return new SchemasError('SCHEMAS_NO_RECORD', message);
}
