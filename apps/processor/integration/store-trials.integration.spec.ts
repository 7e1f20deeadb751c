import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openStorage, type Row, type StorageAdapter } from '@millrace/storage';
import type { Kafka, Producer } from 'kafkajs';
import {
  cassandraUrl,
  cleanUp,
  connectKafka,
  flushRedis,
  realStores,
  results,
  rowsWhen,
  run,
  startSink,
  type StartedSink,
  table,
} from './store-world.ts';
import { tcpProxy } from './tcp-proxy.ts';

const brokers = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const cassandra = process.env['MILLRACE_TEST_CASSANDRA'];
const redisUrl = process.env['MILLRACE_TEST_REDIS_URL'];
const postgres = process.env['MILLRACE_TEST_POSTGRES_URL'];
const isReal = [brokers, cassandra, redisUrl, postgres].every((variable) => variable !== undefined);
const onRealServices = isReal ? describe : describe.skip;
const outageMs = Number(process.env['MILLRACE_OUTAGE_SECONDS'] ?? 5) * 1000;
/** More than a sink may hold: it has to leave them in the log. */
const heapGrowthBytes = 150 << 20;

const pages = 200;
const all = (views: number) => (rows: readonly Row[]) =>
  rows.length === pages && rows.every((row) => row['views'] === views);

onRealServices('sinks on the real services', () => {
  let directory: string;
  let kafka: Kafka;
  let producer: Producer;
  const topics: string[] = [];
  const started: StartedSink[] = [];
  const stores: StorageAdapter[] = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-trials-'));
    kafka = connectKafka(brokers!);
    producer = kafka.producer();
    await producer.connect();
  });
  afterEach(async () => {
    for (const { sink } of started.splice(0)) await sink.stop();
    for (const storage of stores.splice(0)) await storage.close();
  });
  afterAll(async () => {
    await producer.disconnect();
    await cleanUp(kafka, topics);
    await rm(directory, { recursive: true });
  });

  async function newTopic(name: string): Promise<string> {
    const topic = `${run}.${name}`;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2 }] });
    await admin.disconnect();
    topics.push(topic);
    return topic;
  }
  async function open(url: string): Promise<StorageAdapter> {
    const storage = await openStorage(url);
    stores.push(storage);
    return storage;
  }
  const sinkInto = (topic: string, storage: StorageAdapter, name: string = storage.name) => {
    const one = startSink({ kafka, topic, storage, name });
    started.push(one);
    return one;
  };

  it.each(Object.entries(realStores(join(tmpdir(), `millrace-${run}`))))(
    'writes the same rows after kill -9 between its write to %s and its offset commit',
    async (name, given) => {
      const url = name === 'sqlite' ? `sqlite:${directory}/killed.db` : given;
      const topic = await newTopic(`killed.${name}`);
      await producer.send({ topic, messages: results(pages, 1) });
      await producer.send({ topic, messages: results(pages, 2) });
      const child = spawn(
        process.execPath,
        [
          '--conditions=@millrace/source',
          join(import.meta.dirname, 'sink-process.ts'),
          brokers!,
          topic,
          url,
          name,
          table.name,
        ],
        { stdio: 'ignore', env: { ...process.env, NODE_OPTIONS: '' } },
      );
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      const storage = await open(url);
      const before = await storage.read(table);
      expect(before.length).toBeGreaterThan(0);
      const admin = kafka.admin();
      await admin.connect();
      const [committed] = await admin.fetchOffsets({ groupId: `${topic}.sink.${name}`, topics: [topic] });
      await admin.disconnect();
      expect(committed?.partitions.every(({ offset }) => Number(offset) < 0)).toBe(true);

      sinkInto(topic, storage, name);
      const rows = await rowsWhen(storage, all(2));
      expect(rows).toHaveLength(pages);
      expect(rows.filter(({ views }) => views !== 2)).toEqual([]);
      const keys = new Set(rows.map((row) => `${String(row['page'])} ${String(row['windowStart'])}`));
      expect(keys.size).toBe(pages);
    },
    90_000,
  );

  it(
    `makes nothing but its own sink wait while Cassandra is away for ${outageMs / 1000} s, then catches up`,
    async () => {
      const topic = await newTopic('outage');
      const proxy = await tcpProxy(cassandra!);
      const direct = await open(cassandraUrl(cassandra!));
      const distant = await open(cassandraUrl(proxy.address));
      const beside = await open(`sqlite:${directory}/beside.db`);
      const away = sinkInto(topic, distant, 'cassandra');
      sinkInto(topic, beside, 'sqlite');
      await producer.send({ topic, messages: results(pages, 1) });
      expect(await rowsWhen(direct, all(1))).toHaveLength(pages);

      proxy.cut();
      const heapBefore = process.memoryUsage().heapUsed;
      let heapMost = 0;
      let views = 1;
      for (const untilMs = performance.now() + outageMs; performance.now() < untilMs;) {
        views++;
        // Large values: what a sink buffered without bound would show.
        const padded = results(pages, views).map(({ key, value }) => ({
          key,
          value: value.replace('}', `,"padding":"${'x'.repeat(2000)}"}`),
        }));
        await producer.send({ topic, messages: padded });
        heapMost = Math.max(heapMost, process.memoryUsage().heapUsed);
        await sleep(20);
      }
      expect((await rowsWhen(beside, all(views))).every((row) => row['views'] === views)).toBe(true);
      expect((await direct.read(table)).every((row) => row['views'] === 1)).toBe(true);
      expect(await away.metrics.metrics()).toMatch(/millrace_sink_circuit\{sink="cassandra"\} [12]/);
      expect(heapMost - heapBefore).toBeLessThan(heapGrowthBytes);

      proxy.mend();
      const rows = await rowsWhen(direct, all(views));
      expect(rows.filter((row) => row['views'] !== views)).toEqual([]);
      expect(rows).toEqual(await beside.read(table));
      expect(await away.metrics.metrics()).toContain('millrace_sink_circuit{sink="cassandra"} 0');
      expect(away.lines.join('\n')).toMatch(/fails time after time.*\n(.*\n)*cassandra is back/);
      await away.sink.stop();
      await distant.close(); // while its way is mended: a driver that is cut off goes on trying
      await proxy.stop();
    },
    150_000 + 2 * outageMs,
  );

  it('rebuilds a view that was flushed out of Redis', async () => {
    const topic = await newTopic('flushed');
    const storage = await open(`${redisUrl}?prefix=${run}flush`);
    sinkInto(topic, storage);
    await producer.send({ topic, messages: results(pages, 3) });
    const before = await rowsWhen(storage, all(3));
    const flush = () => flushRedis(`${run}flush`);
    await flush();
    expect(await storage.read(table).catch(() => [])).toEqual([]);
    await producer.send({ topic, messages: results(1, 3) });
    expect(await rowsWhen(storage, all(3))).toEqual(before);
    await flush();
  }, 60_000);

  it('rebuilds a view whose table was dropped from SQLite', async () => {
    const topic = await newTopic('dropped');
    const storage = await open(`sqlite:${directory}/dropped.db`);
    sinkInto(topic, storage);
    await producer.send({ topic, messages: results(pages, 4) });
    const before = await rowsWhen(storage, all(4));
    const other = new DatabaseSync(join(directory, 'dropped.db'));
    other.exec(`DROP TABLE "${table.name}"`);
    other.close();
    await producer.send({ topic, messages: results(1, 4) });
    expect(await rowsWhen(storage, all(4))).toEqual(before);
  }, 60_000);
});
