import { Kafka, logLevel } from 'kafkajs';
import { connectRegistry, createProducer } from '@millrace/schemas';
import { ClickSchema } from './clicks.ts';
import type { PlacedClick } from './clicks.ts';

export interface Place {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
}

/** Makes a topic and writes clicks to it. */
export async function fillTopic(
  place: Place,
  topic: string,
  { partitions, clicks }: { readonly partitions: number; readonly clicks: Iterable<PlacedClick> },
): Promise<void> {
  const admin = new Kafka({ brokers: [...place.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({
    topics: [
      {
        topic,
        numPartitions: partitions,
        // Records carry their event time, years ago, as Kafka's timestamp: they must not be deleted for their age.
        configEntries: [{ name: 'retention.ms', value: '-1' }],
      },
    ],
    waitForLeaders: true,
  });
  await admin.disconnect();
  await appendClicks(place, topic, clicks);
}

/** Writes clicks to a topic that is there. */
export async function appendClicks(
  place: Place,
  topic: string,
  clicks: Iterable<PlacedClick>,
): Promise<void> {
  const producer = await createProducer({
    brokers: [...place.brokers],
    registry: connectRegistry({ url: place.registryUrl }),
    schemas: { [topic]: ClickSchema },
    autoRegister: true,
    lingerMs: 20,
  });
  for (const { partition, ...value } of clicks) {
    const hasRoom = producer.send(topic, {
      key: value.user_id,
      value,
      partition,
      timestampMs: value.event_time,
    });
    if (!hasRoom) await producer.drained();
  }
  await producer.flush();
  await producer.close();
}
