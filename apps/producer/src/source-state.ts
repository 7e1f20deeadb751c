import { randomUUID } from 'node:crypto';
import type { NewTopic } from '@millrace/kafka-admin';
import type { Admin, Kafka } from 'kafkajs';
import type { StateChange } from './feeds/feed.ts';
import type { OutgoingRecord } from './transactional-sender.ts';

/** Between a source's name and its own key. */
const SEPARATOR = ' | ';

/** What the sources of a pipeline keep, the newest value of each key. */
export function stateTopic(pipeline: string): NewTopic {
  return { topic: `${pipeline}.source-state`, partitions: 1, config: { 'cleanup.policy': 'compact' } };
}

/** The record that keeps a change. */
export function stateRecord(
  pipeline: string,
  { stateKey, stateValue }: StateChange,
  { sourceName, nowMs }: { sourceName: string; nowMs: number },
): OutgoingRecord {
  return {
    topic: stateTopic(pipeline).topic,
    key: `${sourceName}${SEPARATOR}${stateKey}`,
    value: stateValue === null ? null : Buffer.from(stateValue),
    timestampMs: nowMs,
  };
}

export interface ReadState {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly pipeline: string;
  readonly sourceName: string;
}

/** What a source has kept in committed transactions. Writes an empty record to the topic, so that it sees the end. */
export async function readState({
  kafka,
  admin,
  pipeline,
  sourceName,
}: ReadState): Promise<Map<string, string>> {
  const { topic } = stateTopic(pipeline);
  const marker = `end-${randomUUID()}`;
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ key: marker, value: null }] });
  await producer.disconnect();

  const state = new Map<string, string>();
  const prefix = `${sourceName}${SEPARATOR}`;
  const consumer = kafka.consumer({ groupId: `millrace.state.${marker}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer
        .run({
          autoCommit: false,
          eachMessage: async ({ message: { key, value } }) => {
            const name = key?.toString() ?? '';
            if (name === marker) return resolve();
            if (!name.startsWith(prefix)) return;
            state.delete(name.slice(prefix.length)); // the newest change comes last
            if (value !== null) state.set(name.slice(prefix.length), value.toString());
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([`millrace.state.${marker}`]).catch(() => undefined); // it expires by itself
  }
  return state;
}
