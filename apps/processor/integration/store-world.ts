import type { Row, StorageAdapter, Table } from '@millrace/storage';
import cassandra from 'cassandra-driver';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { createClient } from 'redis';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { deadLetterRows } from '../src/sinks/dead-letter-rows.ts';
import { ResultsSink } from '../src/sinks/results-sink.ts';
import { sinkMetrics } from '../src/sinks/sink-metrics.ts';

/** A name that no other run on the shared services has. */
export const run = `t${process.pid}_${Date.now() % 1_000_000}`;

export const table: Table = {
  name: `pages_${run}`,
  columns: [
    { name: 'page', type: 'string', nullable: false },
    { name: 'windowStart', type: 'timestamp', nullable: false },
    { name: 'views', type: 'long', nullable: false },
  ],
  key: ['page'],
  time: 'windowStart',
};

/** Stores of the real services that are configured, and SQLite, by name. */
export function realStores(directory: string): Record<string, string> {
  const {
    MILLRACE_TEST_CASSANDRA: contactPoint,
    MILLRACE_TEST_REDIS_URL: redis,
    MILLRACE_TEST_POSTGRES_URL: postgres,
  } = process.env;
  return {
    sqlite: `sqlite:${directory}/serving.db`,
    ...(contactPoint === undefined ? {} : { cassandra: cassandraUrl(contactPoint) }),
    ...(redis === undefined ? {} : { redis: `${redis}?prefix=${run}` }),
    ...(postgres === undefined ? {} : { postgres }),
  };
}

export const cassandraUrl = (contactPoint: string): string =>
  `cassandra://cassandra:cassandra@${contactPoint}/${run}?dc=datacenter1`;

/** Results of an earlier count of the page, `views` higher with each. */
export function results(pages: number, views: number): { key: string; value: string }[] {
  return Array.from({ length: pages }, (_, index) => {
    const row = { page: `/${index}`, windowStart: (index % 50) * 10_000, views };
    return { key: JSON.stringify([row.page, row.windowStart]), value: JSON.stringify(row) };
  });
}

export function connectKafka(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
}

export interface StartedSink {
  readonly sink: ResultsSink;
  readonly lines: string[];
  readonly metrics: Registry;
}

/** A sink of `topic` into the store. */
export function startSink({
  kafka,
  topic,
  storage,
  name,
}: {
  kafka: Kafka;
  topic: string;
  storage: StorageAdapter;
  name: string;
}): StartedSink {
  const lines: string[] = [];
  const metrics = new Registry();
  const sink = new ResultsSink({
    kafka,
    storage,
    tables: new Map([[topic, table]]),
    groupId: `${topic}.sink.${name}`,
    decode: async (value) => JSON.parse(value.toString()) as Row,
    refuse: deadLetterRows({ kafka, topic: `${topic}.dead-letter` }),
    log: (line) => lines.push(line),
    meter: sinkMetrics(metrics)(name),
  });
  sink.start();
  return { sink, lines, metrics };
}

/** The store's rows, once `isDone` says that they are all there. */
export async function rowsWhen(
  storage: StorageAdapter,
  isDone: (rows: readonly Row[]) => boolean,
): Promise<Row[]> {
  for (let attempt = 0; ; attempt++) {
    const rows = await storage.read(table).catch(() => []);
    if (isDone(rows) || attempt === 300) return rows;
    await sleep(200);
  }
}

/** Frees the shared services of what this run has made. */
export async function cleanUp(kafka: Kafka, topics: readonly string[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [...topics] }).catch(() => undefined);
  await admin.disconnect();
  const cluster = new cassandra.Client({
    contactPoints: [process.env['MILLRACE_TEST_CASSANDRA'] ?? ''],
    localDataCenter: 'datacenter1',
    credentials: { username: 'cassandra', password: 'cassandra' },
    socketOptions: { readTimeout: 60_000 },
  });
  await cluster.execute(`DROP KEYSPACE IF EXISTS ${run}`);
  await cluster.shutdown();
  const client = new pg.Client({ connectionString: process.env['MILLRACE_TEST_POSTGRES_URL'] });
  await client.connect();
  await client.query(`DROP TABLE IF EXISTS ${table.name}`);
  await client.end();
  await flushRedis(run);
}

/** What FLUSHALL does, for the keys of one prefix: the other runs on this Redis keep theirs. */
export async function flushRedis(prefix: string): Promise<void> {
  const client = createClient({ url: process.env['MILLRACE_TEST_REDIS_URL'] ?? '' });
  await client.connect();
  for await (const keys of client.scanIterator({ MATCH: `${prefix}:*`, COUNT: 10_000 }))
    if (keys.length > 0) await client.del(keys);
  client.destroy();
}
