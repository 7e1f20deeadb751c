import type { Admin } from 'kafkajs';

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  /** Kafka's own names and values, such as `cleanup.policy`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Creates the topics that are not there yet; existing ones stay as they are. */
export async function createTopics(admin: Admin, topics: readonly NewTopic[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ topic }) => !existing.has(topic));
  if (missing.length === 0) return;
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ topic, partitions, config = {} }) => ({
        topic,
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      })),
    });
  } catch (error) {
    const nowThere = new Set(await admin.listTopics()); // somebody else was faster
    if (!missing.every(({ topic }) => nowThere.has(topic))) throw error;
  }
}
