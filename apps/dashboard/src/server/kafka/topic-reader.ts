import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Consumer, findErrorBy } from '@platformatic/kafka';
import { committedRecords, type TopicRecord } from './committed-records.ts';
import { fetchCommitted } from './fetch-committed.ts';
import { reasonOf } from './reason-of.ts';

/** How long a broker may hold a fetch that has nothing: also how late a new partition is noticed at most. */
const MAX_WAIT_MS = 500;
const MAX_BYTES = 4_194_304;
/** How often topics that were not there yet, and new partitions, are looked for. */
const DISCOVER_EVERY_MS = 3_000;
const RETRY_AFTER_MS = 1_000;

/** A topic to read, from its oldest record or from the first one written at or after a time. */
export interface TopicToRead {
  readonly topic: string;
  readonly from: 'earliest' | { readonly timestampMs: number };
}

export interface TopicReaderOptions {
  readonly brokers: readonly string[];
  /** Topics that do not exist yet are read as soon as they do. */
  readonly topics: readonly TopicToRead[];
  /** Gets committed records in the order of their partition; the next fetch waits for it. */
  readonly onRecords: (topic: string, partition: number, records: readonly TopicRecord[]) => Promise<void>;
}

/** Reads topics for as long as it runs, whatever becomes of the broker in between. */
export interface TopicReader {
  /** The broker answered last time; `detail` says which topics are missing, or what it answered. */
  readonly status: { readonly ok: boolean; readonly detail: string };
  stop(): Promise<void>;
}

interface Position {
  readonly topic: string;
  readonly partition: number;
  topicId: string;
  leader: number;
  offset: number;
}

/**
 * Starts reading `topics`, all partitions of them, committed records only, without a consumer group: every instance of
 * the dashboard reads everything.
 */
export function readTopics({ brokers, topics, onRecords }: TopicReaderOptions): TopicReader {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  stopped.catch(() => undefined);
  const where = brokers.join(',');
  const positions = new Map<string, Position>();
  let status = { ok: false, detail: `Kafka at ${where} has not answered yet` };
  const connection = {
    clientId: 'millrace-dashboard',
    bootstrapBrokers: [...brokers],
    retries: 0,
    connectTimeout: 3_000,
    requestTimeout: 15_000,
  };

  async function discover(admin: Admin, consumer: Consumer): Promise<void> {
    const existing = new Set(await admin.listTopics());
    const present = topics.filter(({ topic }) => existing.has(topic));
    const missing = topics.filter(({ topic }) => !existing.has(topic)).map(({ topic }) => topic);
    for (const [key, { topic }] of positions) if (!existing.has(topic)) positions.delete(key);
    if (present.length > 0) {
      const names = present.map(({ topic }) => topic);
      consumer.topics.trackAll(...names.filter((name) => !consumer.topics.has(name)));
      const metadata = await consumer.metadata({ topics: names, forceUpdate: true });
      for (const { topic, from } of present) {
        const known = metadata.topics.get(topic);
        if (known === undefined) continue;
        const fresh: number[] = [];
        known.partitions.forEach(({ leader }, partition) => {
          const position = positions.get(`${topic}/${partition}`);
          const isSameTopic = position?.topicId === known.id; // a topic made anew has another id, and begins at 0
          if (position === undefined) fresh.push(partition);
          else Object.assign(position, { leader, topicId: known.id, ...(isSameTopic ? {} : { offset: 0 }) });
        });
        if (fresh.length === 0) continue;
        const offsets = await startOffsets(consumer, topic, fresh, from);
        for (const partition of fresh) {
          const leader = known.partitions[partition]?.leader ?? -1;
          const offset = offsets.get(partition) ?? 0;
          positions.set(`${topic}/${partition}`, { topic, partition, topicId: known.id, leader, offset });
        }
      }
    }
    status = {
      ok: true,
      detail:
        missing.length === 0
          ? `reads ${topics.length} topics at ${where}`
          : `reads ${present.length} topics at ${where}; not there yet: ${missing.join(', ')}`,
    };
  }

  async function fetchFrom(consumer: Consumer, node: number): Promise<void> {
    const wanted = [...positions.values()].filter(({ leader }) => leader === node);
    const byTopic = Map.groupBy(wanted, ({ topicId }) => topicId);
    const response = await fetchCommitted(consumer, {
      node,
      maxBytes: MAX_BYTES,
      maxWaitMs: MAX_WAIT_MS,
      topics: [...byTopic].map(([topicId, partitions]) => ({ topicId, partitions })),
    });
    for (const { topicId, partitions } of response.responses) {
      for (const fetched of partitions) {
        const position = byTopic.get(topicId)?.find(({ partition }) => partition === fetched.partitionIndex);
        if (position === undefined) continue;
        const { records, nextOffset } = committedRecords(fetched, position.offset);
        if (records.length > 0) {
          await Promise.race([onRecords(position.topic, position.partition, records), stopped]);
        }
        position.offset = nextOffset;
      }
    }
  }

  async function readUntilError(admin: Admin, consumer: Consumer): Promise<void> {
    let discoveredAtMs = -Infinity;
    while (!signal.aborted) {
      if (performance.now() - discoveredAtMs >= DISCOVER_EVERY_MS) {
        await discover(admin, consumer);
        discoveredAtMs = performance.now();
      }
      const nodes = new Set([...positions.values()].map(({ leader }) => leader));
      if (nodes.size === 0) await sleep(MAX_WAIT_MS, undefined, { signal });
      else await Promise.all([...nodes].map((node) => fetchFrom(consumer, node)));
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const admin = new Admin(connection);
      const consumer = new Consumer({ ...connection, groupId: 'millrace-dashboard' });
      try {
        await readUntilError(admin, consumer);
      } catch (error) {
        if (signal.aborted) break;
        status = { ok: false, detail: `Kafka at ${where}: ${reasonOf(error)}` };
        await forgetLostOffsets(consumer, positions, error);
        await sleep(RETRY_AFTER_MS, undefined, { signal }).catch(() => undefined);
      } finally {
        await Promise.allSettled([admin.close(), consumer.close(true)]);
      }
    }
  }

  const running = run();
  return {
    get status() {
      return status;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function startOffsets(
  consumer: Consumer,
  topic: string,
  partitions: number[],
  from: TopicToRead['from'],
): Promise<Map<number, number>> {
  const list = async (timestamp: bigint) => {
    const options = { topics: [topic], partitions: { [topic]: partitions }, timestamp };
    const byPartition = (await consumer.listOffsetsWithTimestamps(options)).get(topic);
    return new Map([...(byPartition ?? [])].map(([partition, { offset }]) => [partition, Number(offset)]));
  };
  if (from === 'earliest') return list(-2n);
  const [atTime, latest] = await Promise.all([list(BigInt(Math.trunc(from.timestampMs))), list(-1n)]);
  for (const [partition, offset] of atTime) if (offset < 0) atTime.set(partition, latest.get(partition) ?? 0);
  return atTime;
}

/** Where records were deleted, or a log was cut off, before they were read: such partitions go on at their oldest record. */
async function forgetLostOffsets(
  consumer: Consumer,
  positions: Map<string, Position>,
  error: unknown,
): Promise<void> {
  if (findErrorBy(error as Error, 'apiId', 'OFFSET_OUT_OF_RANGE') === null) return;
  try {
    for (const topic of new Set([...positions.values()].map((position) => position.topic))) {
      const mine = [...positions.values()].filter((position) => position.topic === topic);
      const partitions = mine.map(({ partition }) => partition);
      const oldest = await startOffsets(consumer, topic, partitions, 'earliest');
      const newest = await startOffsets(consumer, topic, partitions, {
        timestampMs: Number.MAX_SAFE_INTEGER,
      });
      for (const position of mine) {
        const first = oldest.get(position.partition) ?? 0;
        const last = newest.get(position.partition) ?? 0;
        if (position.offset < first || position.offset > last) position.offset = first;
      }
    }
  } catch {
    // the broker is gone again: the next round meets the same error and comes back here
  }
}
