import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

export interface TopicRecord {
  readonly partition: number;
  readonly offset: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Every committed record of a topic up to now. Writes one marker record to each partition, so that it sees the end. */
export async function readTopic(brokers: string, topic: string): Promise<TopicRecord[]> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const marker = `end-${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition }) => partition);
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({
    topic,
    messages: partitions.map((partition) => ({ partition, key: marker, value: null })),
  });
  await producer.disconnect();

  const records: TopicRecord[] = [];
  const open = new Set(partitions);
  const consumer = kafka.consumer({ groupId: marker, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachMessage: async ({ partition, message }) => {
          if (message.key?.toString() === marker) open.delete(partition);
          else if (message.value !== null && open.has(partition)) {
            const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [
              name,
              String(value),
            ]);
            records.push({
              partition,
              offset: message.offset,
              value: message.value,
              headers: Object.fromEntries(headers),
            });
          }
          if (open.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return records;
}
