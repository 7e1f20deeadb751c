import { createTopics, type NewTopic } from '@millrace/kafka-admin';
import { resultTables, sinkNames, type ProcessorConfig } from '@millrace/processor';
import { feedTopics } from '@millrace/producer';
import { agree, connectRegistry, subjectName, type TypedSchema } from '@millrace/schemas';
import { openStorage } from '@millrace/storage';
import {
  planTopics,
  resultsSchema,
  topicNames,
  topologyOf,
  type PipelineDefinition,
} from '@millrace/streams';
import type { Admin } from 'kafkajs';

export interface SetUpOptions {
  readonly definition: PipelineDefinition;
  readonly config: ProcessorConfig;
  readonly admin: Admin;
  /** Gets one line for each thing that was made or was there. */
  readonly print: (line: string) => void;
}

/**
 * Makes what a pipeline needs where nothing makes it by itself: its topics, with partitions and retention, its schemas in the
 * registry and its tables in the configured stores. What is there stays as it is, so that it can be done again.
 */
export async function setUp({ definition, config, admin, print }: SetUpOptions): Promise<void> {
  await setUpTopics({ definition, config, admin, print });
  const registry = connectRegistry({ url: config.registryUrl });
  const schemas: (readonly [topic: string, schema: TypedSchema])[] = [
    ...Object.values(definition.sources).map(({ topic, schema }) => [topic, schema as TypedSchema] as const),
    ...Object.keys(definition.views).map(
      (view) =>
        [topicNames.results(definition.name, view), resultsSchema(definition, view) as TypedSchema] as const,
    ),
  ];
  for (const [topic, schema] of schemas) {
    const subject = subjectName('topic', { topic, schema, part: 'value' });
    const before = await registry.versions(subject);
    const id = await agree({ registry, subject, schema, autoRegister: true });
    const isNew = (await registry.versions(subject)).length > before.length;
    print(`schema ${subject}: ${isNew ? 'registered' : 'there'}, id ${id}`);
  }
  for (const sink of sinkNames(definition)) {
    const url = config.stores[sink];
    if (url === undefined) {
      print(`store ${sink}: left out; STORAGE_URL_${sink.toUpperCase()} would say where it is`);
      continue;
    }
    const storage = await openStorage(url);
    try {
      for (const table of resultTables(definition, sink).values())
        print(`table ${table.name} in ${storage.name} (${sink}): ${await storage.ensureTable(table)}`);
    } finally {
      await storage.close();
    }
  }
}

async function setUpTopics({ definition, config, admin, print }: SetUpOptions): Promise<void> {
  await makeTopics(admin, feedTopics(definition, config.topicPartitions), print);
  const sourceTopics = Object.values(definition.sources).map(({ topic }) => topic);
  const { topics } = await admin.fetchTopicMetadata({ topics: sourceTopics });
  const partitionsOf = (name: string) =>
    topics.find((topic) => topic.name === name)?.partitions.length ?? config.topicPartitions;
  const plans = planTopics(definition, topologyOf(definition), partitionsOf);
  await makeTopics(
    admin,
    plans.map(({ name, partitions, configs }) => ({ topic: name, partitions, config: configs })),
    print,
  );
}

async function makeTopics(admin: Admin, topics: readonly NewTopic[], print: SetUpOptions['print']) {
  const before = new Set(await admin.listTopics());
  await createTopics(admin, topics);
  for (const { topic, partitions, config } of topics) {
    const words = [
      `${partitions} partitions`,
      ...Object.entries(config ?? {}).map(([name, value]) => `${name}=${value}`),
    ];
    print(`topic ${topic}: ${before.has(topic) ? 'there' : `made, ${words.join(', ')}`}`);
  }
}
