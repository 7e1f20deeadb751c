import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningEmbedded, startEmbedded } from '@millrace/embedded';
import { accessLogEvent, seededRandom, simulatedRequest } from '@millrace/pipelines';
import { AccessLogSchema, connectRegistry, createWriter, type ValueWriter } from '@millrace/schemas';
import { type Lake, openLake, openLakeQuery } from '@millrace/storage';
import { Kafka, logLevel, type Producer } from 'kafkajs';

const seed = Number(process.env.MILLRACE_SEED ?? Date.now() % 1_000_000);
const kills = Number(process.env.MILLRACE_LAKE_KILLS ?? 3);
const partitions = 2;

let directory: string;
let embedded: RunningEmbedded;
let producer: Producer;
let writer: ValueWriter;
let lake: Lake;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-lake-'));
  embedded = await startEmbedded(
    { MILLRACE_DIR: directory, KAFKA_PORT: '0', SCHEMA_REGISTRY_PORT: '0' },
    () => undefined,
  );
  const kafka = new Kafka({ brokers: [...embedded.brokers], logLevel: logLevel.NOTHING });
  producer = kafka.producer({ idempotent: true, transactionalId: 'test', maxInFlightRequests: 1 });
  await producer.connect();
  const registry = connectRegistry({ url: embedded.registryUrl });
  writer = await createWriter({
    registry,
    subject: 'logs-value',
    schema: AccessLogSchema,
    autoRegister: true,
  });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'logs', numPartitions: partitions }] });
  await admin.disconnect();
  lake = await openLake(`file:${join(directory, 'lake')}`);
});
afterAll(async () => {
  await producer?.disconnect();
  await lake?.close();
  await embedded?.stop();
  await rm(directory, { recursive: true, force: true });
});

function startProcessor(): ChildProcess {
  return spawn(
    process.execPath,
    ['--conditions=@millrace/source', join(import.meta.dirname, '../src/main.ts')],
    {
      stdio: 'ignore',
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        PIPELINES: 'web-logs',
        KAFKA_BROKERS: embedded.brokers.join(','),
        SCHEMA_REGISTRY_URL: embedded.registryUrl,
        MILLRACE_DIR: directory,
        PROCESSOR_PORT: '0',
        LAKE_FILE_SECONDS: '1',
      },
    },
  );
}

/** One event a second of event time; every tenth of a transaction that is aborted. */
async function send(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 10) {
    const transaction = await producer.transaction();
    const isAborted = (index / 10) % 10 === 9;
    for (let at = index; at < index + 10; at++) {
      const line = simulatedRequest(1, at, Date.UTC(2026, 10, 20) + at * 1000);
      const text = isAborted ? 'aborted' : String(at);
      const value = writer.write(accessLogEvent(line, { text, simulated: true }));
      await transaction.send({
        topic: 'logs',
        messages: [{ partition: at % partitions, value }],
      });
    }
    await (isAborted ? transaction.abort() : transaction.commit());
  }
}

const expected = (to: number) =>
  Array.from({ length: to }, (_, index) => index).filter((index) => Math.floor(index / 10) % 10 !== 9).length;

async function eventsInLake(): Promise<{ events: number; offsets: number; raw: number }> {
  const query = await openLakeQuery(lake, { cacheDir: join(directory, 'cache') });
  try {
    const { rows } = await query.query(
      `SELECT count(*), count(DISTINCT (kafka_partition, kafka_offset)),
         count(*) FILTER (WHERE line LIKE '%aborted%' OR NOT starts_with(host, 'pii:')) FROM logs`,
    );
    const [events = 0, offsets = 0, raw = 0] = rows[0] as number[];
    return { events, offsets, raw };
  } catch {
    return { events: 0, offsets: 0, raw: 0 }; // no file yet
  } finally {
    query.close();
  }
}

describe(`raw events on their way to the lake (MILLRACE_SEED=${seed})`, () => {
  it(`are each there once, masked, after ${kills} kills of the processor`, async () => {
    const random = seededRandom(seed);
    let sent = 0;
    for (let kill = 0; kill < kills; kill++) {
      const processor = startProcessor();
      const exited = once(processor, 'exit');
      const untilMs = performance.now() + 2500 + random.next() * 3000;
      while (performance.now() < untilMs) {
        await send(sent, (sent += 100));
        await sleep(20);
      }
      processor.kill('SIGKILL');
      await exited;
    }
    const processor = startProcessor();
    const exited = once(processor, 'exit');
    const wanted = expected(sent);
    for (let attempt = 0; attempt < 200 && (await eventsInLake()).events < wanted; attempt++)
      await sleep(200);
    processor.kill('SIGTERM');
    await exited;
    expect(processor.exitCode).toBe(0);
    expect(await eventsInLake()).toEqual({ events: wanted, offsets: wanted, raw: 0 });
  }, 120_000);
});
