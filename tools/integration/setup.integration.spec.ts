import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startKafka, startRegistry } from '@millrace/embedded';
import { userIngestion } from '@millrace/pipelines';
import { readConfig } from '@millrace/processor';
import type { PipelineDefinition } from '@millrace/streams';
import { Kafka, logLevel } from 'kafkajs';
import { setUp } from '../src/setup/set-up.ts';

const directory = mkdtemp(join(tmpdir(), 'millrace-setup-'));
afterAll(async () => rm(await directory, { recursive: true }));

/** Names of its own, since real services are shared. */
const run = randomUUID().slice(0, 8);
const definition: PipelineDefinition = {
  ...userIngestion,
  name: `setup-${run}`,
  sources: Object.fromEntries(
    Object.entries(userIngestion.sources).map(([name, source]) => [
      name,
      { ...source, topic: `${source.topic}-${run}` },
    ]),
  ),
  views: Object.fromEntries(
    Object.entries(userIngestion.views).map(([name, view]) => [name, { ...view, table: `${name}_${run}` }]),
  ),
};

async function setUpTwice(env: Record<string, string>): Promise<string[][]> {
  const config = readConfig({ ...env, TOPIC_PARTITIONS: '3' });
  const admin = new Kafka({ brokers: [...config.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const runs: string[][] = [[], []];
  try {
    for (const lines of runs) await setUp({ definition, config, admin, print: (line) => lines.push(line) });
    const made = runs[0]!.flatMap((line) => /^topic (\S+):/.exec(line)?.[1] ?? []);
    const { topics } = await admin.fetchTopicMetadata({ topics: made });
    const partitions = Object.fromEntries(topics.map((topic) => [topic.name, topic.partitions.length]));
    expect(partitions).toMatchObject({
      [`users_created-${run}`]: 3,
      [`setup-${run}.arrivals`]: 3,
      [`setup-${run}.late`]: 1,
    });
  } finally {
    const mine = (await admin.listTopics()).filter((topic) => topic.includes(run));
    await admin.deleteTopics({ topics: mine });
    await admin.disconnect();
  }
  return runs;
}

function expectMadeOnce([first = [], second = []]: string[][]): void {
  expect(first.filter((line) => line.startsWith('topic users_created'))).toEqual([
    `topic users_created-${run}: made, 3 partitions`,
  ]);
  expect(first).toContain(
    `topic setup-${run}.arrivals: made, 3 partitions, cleanup.policy=compact,delete, retention.ms=2592000000`,
  );
  expect(first.filter((line) => line.startsWith('schema ') && line.includes('registered'))).toHaveLength(9);
  expect(first.filter((line) => line.endsWith(': made'))).toHaveLength(7);
  expect(second.filter((line) => /made|registered/.test(line))).toEqual([]);
  expect(second.filter((line) => line.startsWith('table ')).every((line) => line.endsWith(': found'))).toBe(
    true,
  );
}

describe('npm run setup', () => {
  it('makes topics, schemas and tables once, on the embedded services', async () => {
    const broker = await startKafka();
    const registry = await startRegistry({ kafka: broker });
    try {
      const KAFKA_BROKERS = broker.brokers.join(',');
      const STORAGE_URL = `sqlite:${join(await directory, 'serving.db')}`;
      expectMadeOnce(await setUpTwice({ KAFKA_BROKERS, SCHEMA_REGISTRY_URL: registry.url, STORAGE_URL }));
    } finally {
      await registry.stop();
      await broker.stop();
    }
  });

  const { MILLRACE_TEST_KAFKA_BROKERS, MILLRACE_TEST_REGISTRY_URL, MILLRACE_TEST_POSTGRES_URL } = process.env;
  const hasServices = MILLRACE_TEST_KAFKA_BROKERS && MILLRACE_TEST_REGISTRY_URL && MILLRACE_TEST_POSTGRES_URL;
  (hasServices ? it : it.skip)('makes them once on Apache Kafka, a registry and Postgres', async () => {
    expectMadeOnce(
      await setUpTwice({
        KAFKA_BROKERS: MILLRACE_TEST_KAFKA_BROKERS ?? '',
        SCHEMA_REGISTRY_URL: MILLRACE_TEST_REGISTRY_URL ?? '',
        STORAGE_URL: MILLRACE_TEST_POSTGRES_URL ?? '',
      }),
    );
  });
});
