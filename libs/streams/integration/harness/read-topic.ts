import type { Kafka } from 'kafkajs';
import { Cluster } from '../../src/kafka/cluster.ts';
import type { ClusterOptions } from '../../src/kafka/cluster.ts';

export interface TestRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

const limitMs = 60_000;

/** All committed records of a topic up to where it ends now; what is open there is waited for. */
export async function readTopic(
  kafka: Kafka,
  to: Pick<ClusterOptions, 'brokers' | 'sasl'>,
  topic: string,
): Promise<TestRecord[]> {
  const missing = await endsOf(to, [topic]);
  const records: TestRecord[] = [];
  if (missing.size === 0) return records;
  const consumer = kafka.consumer({
    groupId: `check-${topic}-${Date.now()}-${Math.random()}`,
    maxWaitTimeInMs: 100,
  });
  const isRead = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`"${topic}" could not be read to ${JSON.stringify([...missing])}`)),
      limitMs,
    );
    // Said of batches without anything to see, too: transaction markers, and what was aborted.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
      const place = `${topic}/${partition}`;
      if (Number(lastOffset) + 1 >= (missing.get(place) ?? Infinity)) missing.delete(place);
      if (missing.size > 0) return;
      clearTimeout(timer);
      resolve();
    });
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message: { key, value, headers } }) => {
      records.push({
        topic,
        partition,
        key: key?.toString() ?? null,
        value,
        headers: Object.fromEntries(
          Object.entries(headers ?? {}).map(([name, header]) => [name, String(header)]),
        ),
      });
    },
  });
  await isRead.finally(() => consumer.disconnect());
  return records;
}

/** By `topic/partition`, the end of each partition that has records; what is not committed yet counts. */
export async function endsOf(
  to: Pick<ClusterOptions, 'brokers' | 'sasl'>,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const cluster = new Cluster({ ...to, clientId: 'check' });
  try {
    const found = await cluster.describeTopics(topics);
    const places = [...found].flatMap(([topic, { leaders }]) =>
      leaders.map((_, partition) => ({ topic, partition })),
    );
    const starts = await cluster.listOffsets(places, -2, 'uncommitted');
    const ends = await cluster.listOffsets(places, -1, 'uncommitted');
    return new Map(
      places.flatMap(({ topic, partition }, at) =>
        ends[at]! > starts[at]! ? [[`${topic}/${partition}`, ends[at]!]] : [],
      ),
    );
  } finally {
    cluster.close();
  }
}
