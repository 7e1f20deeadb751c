import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { startKafka, startRegistry } from '@millrace/embedded';
import { webLogs } from '@millrace/pipelines';
import { connectRegistry, createWriter, type ValueWriter } from '@millrace/schemas';
import { openStorage } from '@millrace/storage';
import { resultsSchema, topicNames, viewTable, type PipelineDefinition } from '@millrace/streams';
import { readConfig, type DashboardConfig } from '../src/index.ts';

/** A broker and a registry to run a dashboard against, and what writes results and stored rows as a processor would. */
export interface ResultsWorld {
  /** The web-logs pipeline under a name of this world's own, so that worlds can share a broker; and a view without time. */
  readonly definition: PipelineDefinition;
  readonly dir: string;
  readonly config: DashboardConfig;
  readonly producer: Producer;
  readonly kafka: Kafka;
  /** The bytes of a result of `view`, as its topic has them. */
  encode(view: string, row: Record<string, unknown>): Promise<Buffer>;
  publish(view: string, rows: readonly Record<string, unknown>[]): Promise<void>;
  store(view: string, rows: readonly Record<string, unknown>[]): Promise<void>;
  stop(): Promise<void>;
}

/** Services to use instead of embedded ones. */
export interface Services {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
}

const brokers = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const registryUrl = process.env['MILLRACE_TEST_REGISTRY_URL'];
/** Undefined where none are configured. */
export const realServices: Services | undefined =
  brokers === undefined || registryUrl === undefined
    ? undefined
    : { brokers: brokers.split(','), registryUrl };

let worlds = 0;

export async function startWorld(services?: Services): Promise<ResultsWorld> {
  const stops: (() => Promise<unknown>)[] = [];
  const dir = await mkdtemp(join(tmpdir(), 'millrace-dashboard-'));
  stops.push(() => rm(dir, { recursive: true, force: true }));
  let { brokers, registryUrl } = services ?? { brokers: [], registryUrl: '' };
  if (services === undefined) {
    const embedded = await startKafka();
    stops.push(() => embedded.stop());
    const registry = await startRegistry({ kafka: { brokers: embedded.brokers } });
    stops.push(() => registry.stop());
    brokers = embedded.brokers;
    registryUrl = registry.url;
  }
  const definition: PipelineDefinition = {
    ...webLogs,
    views: { ...webLogs.views, last_requests: { from: 'logs', by: ['path'], columns: ['time', 'status'] } },
    name: `web-logs-${process.pid}-${Date.now()}-${worlds++}`,
  };
  const config = readConfig({
    PORT: '0',
    KAFKA_BROKERS: brokers.join(','),
    SCHEMA_REGISTRY_URL: registryUrl,
    MILLRACE_DIR: dir,
  });
  const store = await openStorage(config.storageUrl);
  stops.push(() => store.close());
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const names = [
    ...Object.keys(definition.views).map((view) => topicNames.results(definition.name, view)),
    topicNames.late(definition.name),
    topicNames.rejected(definition.name),
    topicNames.deadLetter(definition.name),
  ];
  await admin.createTopics({
    waitForLeaders: true,
    topics: names.map((topic) => ({ topic, numPartitions: 2 })),
  });
  stops.push(async () => {
    if (services !== undefined) await admin.deleteTopics({ topics: names });
    await admin.disconnect();
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  stops.push(() => producer.disconnect());

  const registry = connectRegistry({ url: registryUrl });
  const writers = new Map<string, Promise<ValueWriter<Record<string, unknown>>>>();
  const encode = async (view: string, row: Record<string, unknown>) => {
    const topic = topicNames.results(definition.name, view);
    let writer = writers.get(view);
    if (writer === undefined) {
      writer = createWriter<Record<string, unknown>>({
        registry,
        subject: `${topic}-value`,
        schema: resultsSchema(definition, view),
        autoRegister: true,
      });
      writers.set(view, writer);
    }
    return Buffer.from((await writer).write(asResult(row)));
  };

  return {
    definition,
    dir,
    config,
    producer,
    kafka,
    encode,
    async publish(view, rows) {
      const messages = await Promise.all(
        rows.map(async (row) => ({
          key: keyOf(definition, view, row),
          value: await encode(view, row),
          partition: 0,
        })),
      );
      await producer.send({ topic: topicNames.results(definition.name, view), messages });
    },
    async store(view, rows) {
      const table = viewTable(definition, view);
      await store.ensureTable(table);
      await store.upsert(table, rows);
    },
    async stop() {
      for (const stop of stops.reverse()) await stop();
    },
  };
}

/** The key of a result's record. */
export function keyOf(definition: PipelineDefinition, view: string, row: Record<string, unknown>): string {
  const { key } = viewTable(definition, view);
  return JSON.stringify([...key.map((name) => row[name]), row['windowStart']]);
}

/** A result's record has JSON columns as text. */
function asResult(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    ]),
  );
}

/** A result of the view `requests_by_path`. */
export function pathRow(path: string, windowStart: number, more: Record<string, unknown> = {}) {
  return {
    path,
    windowStart,
    windowEnd: windowStart + 10_000,
    requests: 1,
    errors: 0,
    p95_ms: 12.5,
    state: 'filling',
    revision: 0,
    watermark: windowStart + 3_000,
    ...more,
  };
}
