import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Kafka as EmbeddedKafka, startKafka } from '@millrace/embedded';
import { openStorage, type Row, type StorageAdapter, type Table } from '@millrace/storage';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterRows } from '../src/sinks/dead-letter-rows.ts';
import { Registry } from 'prom-client';
import { ResultsSink } from '../src/sinks/results-sink.ts';
import { type SinkMeter, sinkMetrics } from '../src/sinks/sink-metrics.ts';

const topic = 'web-logs.requests_by_path';
const table: Table = {
  name: 'requests_by_path',
  columns: [
    { name: 'path', type: 'string', nullable: false },
    { name: 'windowStart', type: 'timestamp', nullable: false },
    { name: 'requests', type: 'long', nullable: true },
  ],
  key: ['path'],
  time: 'windowStart',
};

let broker: EmbeddedKafka;
let kafka: Kafka;
let producer: Producer;
beforeAll(async () => {
  broker = await startKafka({ defaultPartitions: 2 });
  kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  producer = kafka.producer();
  await producer.connect();
});
afterAll(async () => {
  await producer?.disconnect();
  await broker?.stop();
});

let directory: string;
let storage: StorageAdapter;
let sink: ResultsSink | undefined;
let meter: SinkMeter;
let lines: string[];
let run = 0;
beforeEach(async () => {
  lines = [];
  meter = sinkMetrics(new Registry())('serving');
  directory = await mkdtemp(join(tmpdir(), 'millrace-sink-'));
  storage = await openStorage(`sqlite:${join(directory, 'serving.db')}`);
  run++;
});
afterEach(async () => {
  await sink?.stop();
  await storage.close();
  await rm(directory, { recursive: true });
});

const source = () => `${topic}.${run}`;

function startSink(onto: StorageAdapter = storage): ResultsSink {
  const started = new ResultsSink({
    kafka,
    storage: onto,
    tables: new Map([[source(), table]]),
    groupId: `sink-${run}`,
    decode: async (value) => JSON.parse(value.toString()) as Row,
    refuse: deadLetterRows({ kafka, topic: `dead-letter.${run}` }),
    log: (line) => lines.push(line),
    meter,
  });
  started.start();
  return started;
}

async function createTopics(): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: source() }, { topic: `dead-letter.${run}` }] });
  await admin.disconnect();
}

const result = (path: string, windowStart: number, requests: number | null) => ({
  key: JSON.stringify([path, windowStart]),
  value: requests === null ? null : JSON.stringify({ path, windowStart, requests }),
});

async function rows(count: number): Promise<Row[]> {
  for (let attempt = 0; ; attempt++) {
    const found = await storage.read(table).catch(() => []);
    if (found.length === count || attempt === 300) return found;
    await sleep(50);
  }
}

describe('ResultsSink', () => {
  it('writes results under their keys, the last of a key last, and removes what was taken back', async () => {
    await createTopics();
    sink = startSink();
    await producer.send({
      topic: source(),
      messages: [result('/', 0, 1), result('/a', 0, 3), result('/b', 0, 9)],
    });
    expect(await rows(3)).toContainEqual({ path: '/', windowStart: 0, requests: 1 });
    await producer.send({ topic: source(), messages: [result('/b', 0, null), result('/', 0, 2)] });
    expect(await rows(2)).toHaveLength(2);
    for (let attempt = 0; attempt < 100; attempt++) {
      if ((await storage.read(table, { key: { path: '/' } }))[0]?.requests === 2) break;
      await sleep(50);
    }
    expect(await storage.read(table)).toEqual([
      { path: '/', windowStart: 0, requests: 2 },
      { path: '/a', windowStart: 0, requests: 3 },
    ]);
  });

  it('sets a row aside that the store refuses for good, with the reason, and writes the others', async () => {
    await createTopics();
    sink = startSink();
    const beyond = 9e15; // no Date is that late
    await producer.send({ topic: source(), messages: [result('/late', beyond, 1), result('/', 0, 2)] });
    expect(await rows(1)).toEqual([{ path: '/', windowStart: 0, requests: 2 }]);
    const admin = kafka.admin();
    await admin.connect();
    const high = async () =>
      (await admin.fetchTopicOffsets(`dead-letter.${run}`)).reduce((sum, { high }) => sum + Number(high), 0);
    for (let attempt = 0; attempt < 200 && (await high()) === 0; attempt++) await sleep(50);
    expect(await high()).toBe(1);
    await admin.disconnect();
  });

  it('goes on behind what it has written after a restart, and fills a store anew that was wiped', async () => {
    await createTopics();
    sink = startSink();
    await producer.send({ topic: source(), messages: [result('/', 0, 1)] });
    await rows(1);
    await sink.stop();

    await storage.close();
    storage = await openStorage(`sqlite:${join(directory, 'another.db')}`);
    sink = startSink();
    await producer.send({ topic: source(), messages: [result('/', 10_000, 5)] });
    expect(await rows(2)).toEqual([
      { path: '/', windowStart: 0, requests: 1 },
      { path: '/', windowStart: 10_000, requests: 5 },
    ]);
  });

  it('says of a table with another shape which it is, what differs and what to do, and leaves it as it is', async () => {
    await createTopics();
    const other = {
      ...table,
      columns: table.columns.map((one) =>
        one.name === 'requests' ? { ...one, type: 'string' as const } : one,
      ),
    };
    await storage.ensureTable(other);
    await storage.upsert(other, [{ path: '/old', windowStart: 0, requests: 'many' }]);
    sink = startSink();
    await producer.send({ topic: source(), messages: [result('/', 0, 1)] });
    for (let attempt = 0; attempt < 200 && lines.length === 0; attempt++) await sleep(50);
    expect(lines).toEqual([
      'table requests_by_path is there with another shape: its column requests is TEXT, not BIGINT; give the view another name, ' +
        `or drop the table if its rows are not needed. Until then its results wait in ${source()}.`,
    ]);
    expect(await storage.read(other)).toEqual([{ path: '/old', windowStart: 0, requests: 'many' }]);
  });

  it('waits for a store that is down and then writes what came meanwhile', async () => {
    await createTopics();
    let isDown = true;
    const failing: StorageAdapter = {
      ...storage,
      name: storage.name,
      capabilities: storage.capabilities,
      ensureTable: (wanted) => storage.ensureTable(wanted),
      upsert: async (into, values) => {
        if (isDown) throw new Error('no connection');
        await storage.upsert(into, values);
      },
      remove: (from, keys) => storage.remove(from, keys),
      deleteBefore: (from, timeMs) => storage.deleteBefore(from, timeMs),
    };
    sink = startSink(failing);
    await producer.send({ topic: source(), messages: [result('/', 0, 1)] });
    await sleep(500);
    expect(await storage.read(table).catch(() => [])).toEqual([]);
    isDown = false;
    expect(await rows(1)).toEqual([{ path: '/', windowStart: 0, requests: 1 }]);
  });
});
