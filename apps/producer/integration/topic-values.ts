import { randomUUID } from 'node:crypto';
import { connectRegistry, createDecoder } from '@millrace/schemas';
import type { Kafka } from 'kafkajs';

/** The committed values of a topic, decoded; writes a marker to each partition, so that it sees the end. */
export async function topicValues<Row>(kafka: Kafka, topic: string, registryUrl: string): Promise<Row[]> {
  const decoder = createDecoder<Row>({ registry: connectRegistry({ url: registryUrl }) });
  return Promise.all((await topicMessages(kafka, topic)).map(({ value }) => decoder.decode(value)));
}

export interface Message {
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export async function topicMessages(kafka: Kafka, topic: string): Promise<Message[]> {
  const marker = `end-${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  const open = new Set((await admin.fetchTopicOffsets(topic)).map(({ partition }) => partition));
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({
    topic,
    messages: [...open].map((partition) => ({ partition, key: marker, value: null })),
  });
  await producer.disconnect();
  const messages: Message[] = [];
  const consumer = kafka.consumer({ groupId: marker, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachMessage: async ({ partition, message: { key, value, headers = {} } }) => {
          if (key?.toString() === marker) open.delete(partition);
          else if (value !== null && open.has(partition)) {
            const text = Object.entries(headers).map(([name, header]) => [name, String(header)]);
            messages.push({ value, headers: Object.fromEntries(text) });
          }
          if (open.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return messages;
}

/** Asks until `answer` gives something. */
export async function eventually<T>(what: string, answer: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline;) {
    const value = await answer();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not within a minute`);
}
