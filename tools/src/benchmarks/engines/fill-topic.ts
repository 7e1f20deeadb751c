import { Kafka, logLevel } from 'kafkajs';
import { connectRegistry, createProducer } from '@millrace/schemas';
import { ClickSchema, click, lastClicks, partitionCount } from './clicks.ts';

export interface Place {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
}

/** Makes a topic and writes `events` clicks to it, and those that close all windows. */
export async function fillTopic(
  place: Place,
  topic: string,
  { events, users }: { readonly events: number; readonly users: number },
): Promise<void> {
  const admin = new Kafka({ brokers: [...place.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({
    topics: [
      {
        topic,
        numPartitions: partitionCount,
        // Records carry their event time, years ago, as Kafka's timestamp: they must not be deleted for their age.
        configEntries: [{ name: 'retention.ms', value: '-1' }],
      },
    ],
    waitForLeaders: true,
  });
  await admin.disconnect();
  const producer = await createProducer({
    brokers: [...place.brokers],
    registry: connectRegistry({ url: place.registryUrl }),
    schemas: { [topic]: ClickSchema },
    autoRegister: true,
    lingerMs: 20,
  });
  for (let n = 0; n < events; n++) {
    const { partition, ...value } = click(n, users);
    const hasRoom = producer.send(topic, {
      key: value.user_id,
      value,
      partition,
      timestampMs: value.event_time,
    });
    if (!hasRoom) await producer.drained();
  }
  for (const { partition, ...value } of lastClicks(events))
    producer.send(topic, { key: value.user_id, value, partition, timestampMs: value.event_time });
  await producer.flush();
  await producer.close();
}
