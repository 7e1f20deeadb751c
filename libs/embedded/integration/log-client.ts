import { BatchWriter, RecordCursor, type Codec, type FinishOptions } from '@millrace/record-batch';
import { createTopics, fetch, listOffsets, produce } from '../src/broker/protocol/messages/index.ts';
import type { WireClient } from './wire-client.ts';

export interface Entry {
  readonly key?: string | null;
  readonly value: string | null;
  readonly timestampMs?: number;
}

/** One record batch. */
export function batchOf(
  entries: readonly Entry[],
  options: FinishOptions & { compression?: Codec } = {},
): Buffer {
  const writer = new BatchWriter({ compression: options.compression ?? 'none' });
  for (const { key = null, value, timestampMs = Date.now() } of entries) {
    const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
    writer.append(timestampMs, bytes(key), bytes(value));
  }
  return Buffer.from(writer.finish(options));
}

export interface Place {
  readonly topic: string;
  readonly partition?: number;
}

/** Produces one batch; the partition's part of the answer. */
export async function produceBatch(
  client: WireClient,
  place: Place,
  records: Buffer | null,
  options: { transactionalId?: string | null; version?: number; acks?: number } = {},
) {
  const request = {
    transactionalId: options.transactionalId ?? null,
    acks: options.acks ?? -1,
    timeoutMs: 10_000,
    topicData: [{ name: place.topic, partitionData: [{ index: place.partition ?? 0, records }] }],
  };
  const response = await client.call(produce, request, options.version);
  return response.responses[0]!.partitionResponses[0]!;
}

export interface FetchOptions {
  readonly offset?: number;
  readonly committedOnly?: boolean;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly leaderEpoch?: number;
  readonly version?: number;
}

/** By name, which versions up to this one can. */
const NEWEST_BY_NAME = 12;

/** Fetches from one partition; the partition's part of the answer. */
export async function fetchFrom(client: WireClient, place: Place, options: FetchOptions = {}) {
  const request = {
    replicaId: -1,
    maxWaitMs: options.maxWaitMs ?? 0,
    minBytes: options.minBytes ?? 1,
    maxBytes: options.maxBytes ?? 16 * 1024 * 1024,
    isolationLevel: options.committedOnly ? 1 : 0,
    topics: [
      {
        topic: place.topic,
        partitions: [
          {
            partition: place.partition ?? 0,
            currentLeaderEpoch: options.leaderEpoch ?? -1,
            fetchOffset: options.offset ?? 0,
            partitionMaxBytes: options.partitionMaxBytes ?? 16 * 1024 * 1024,
          },
        ],
      },
    ],
  };
  const response = await client.call(fetch, request, options.version ?? NEWEST_BY_NAME);
  return response.responses[0]!.partitions[0]!;
}

export interface ReadRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestampMs: number;
}

/** All records from `offset` to the end, as a consumer sees them, and the offset after the last. */
export async function readAll(
  client: WireClient,
  place: Place,
  options: { offset?: number; committedOnly?: boolean; partitionMaxBytes?: number } = {},
): Promise<{ records: ReadRecord[]; nextOffset: number }> {
  const records: ReadRecord[] = [];
  const cursor = new RecordCursor();
  let offset = options.offset ?? 0;
  for (;;) {
    const part = await fetchFrom(client, place, { ...options, offset });
    if (part.errorCode !== 0)
      throw new Error(`fetching ${place.topic} at ${offset} gave error ${part.errorCode}`);
    if (part.records === null || part.records.length === 0) return { records, nextOffset: offset };
    const abortedTransactions = part.abortedTransactions ?? [];
    cursor.open(part.records, { fromOffset: offset, abortedTransactions });
    while (cursor.next()) {
      const text = (start: number, end: number) =>
        start < 0 ? null : cursor.bytes.toString('utf8', start, end);
      records.push({
        offset: cursor.offset,
        key: text(cursor.keyStart, cursor.keyEnd),
        value: text(cursor.valueStart, cursor.valueEnd),
        timestampMs: cursor.timestampMs,
      });
    }
    if (cursor.nextOffset <= offset) return { records, nextOffset: offset };
    offset = cursor.nextOffset;
  }
}

/** Asks again until the answer is right; Apache Kafka's brokers learn of changes a moment after they were acknowledged. */
export async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask();
    if (isRight(answer) || attempt > 500) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Creates a topic and waits until its partitions can be written to. @returns the error code */
export async function createTopic(
  client: WireClient,
  name: string,
  options: { partitions?: number; configs?: Record<string, string> } = {},
): Promise<number> {
  const { partitions = 1 } = options;
  const configs = Object.entries(options.configs ?? {}).map(([key, value]) => ({ name: key, value }));
  const topic = { name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs };
  const response = await client.call(createTopics, { topics: [topic], timeoutMs: 10_000 });
  for (let partition = 0; partition < partitions; partition++) {
    await eventually(
      () => offsetOf(client, { topic: name, partition }, -2),
      (answer) => answer.errorCode === 0,
    );
  }
  return response.topics[0]!.errorCode;
}

/** What ListOffsets says of a timestamp, or of −1 (latest), −2 (earliest), −3 (greatest timestamp). */
export async function offsetOf(
  client: WireClient,
  place: Place,
  timestamp: number,
  options: { committedOnly?: boolean; version?: number } = {},
) {
  const request = {
    replicaId: -1,
    isolationLevel: options.committedOnly ? 1 : 0,
    topics: [{ name: place.topic, partitions: [{ partitionIndex: place.partition ?? 0, timestamp }] }],
  };
  const response = await client.call(listOffsets, request, options.version);
  return response.topics[0]!.partitions[0]!;
}
