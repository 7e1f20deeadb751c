import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Kafka as EmbeddedKafka,
  type RunningRegistry,
  startKafka,
  startRegistry,
} from '@millrace/embedded';
import { accessLogEvent, seededRandom, simulatedRequest, webLogs } from '@millrace/pipelines';
import { AccessLogSchema, connectRegistry, createSerdes, createWriter } from '@millrace/schemas';
import { type RunningPipeline, startPipeline } from '@millrace/streams';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';

const mutations = Number(process.env.MILLRACE_HOSTILE_RECORDS ?? 10_000);
const unreadable = 10 * mutations;
const seed = Number(process.env.MILLRACE_SEED ?? 16);
const UNKNOWN_ID = 4711;

let broker: EmbeddedKafka;
let registry: RunningRegistry;
let pipeline: RunningPipeline;
let producer: Producer;
const asked: string[] = [];

beforeAll(async () => {
  broker = await startKafka();
  registry = await startRegistry({ kafka: { brokers: broker.brokers } });
  const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'logs', numPartitions: 2 }] });
  await admin.disconnect();
  producer = kafka.producer();
  await producer.connect();
  const client = connectRegistry({ url: registry.url });
  const counted: typeof client = Object.create(client, {
    byId: {
      value: (id: number) => {
        asked.push(String(id));
        return client.byId(id);
      },
    },
  }) as typeof client;
  pipeline = await startPipeline(webLogs, {
    brokers: broker.brokers,
    serdes: createSerdes({ registry: counted, autoRegister: true }),
  });
});
afterAll(async () => {
  await pipeline?.stop();
  await producer?.disconnect();
  await registry?.stop();
  await broker?.stop();
});

/** One to four bytes overwritten, cut out or put in. */
function mutate(bytes: Buffer, index: number): Buffer {
  const random = seededRandom(seed, index);
  let result = Buffer.from(bytes);
  for (let change = 1 + random.below(4); change > 0; change--) {
    const at = 5 + random.below(result.length - 5); // behind the frame: the schema's id stays
    const kind = random.below(3);
    if (kind === 0) result[at] = random.below(256);
    else if (kind === 1) result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1)]);
    else
      result = Buffer.concat([result.subarray(0, at), Buffer.from([random.below(256)]), result.subarray(at)]);
  }
  return result;
}

async function send(values: readonly Buffer[]): Promise<void> {
  for (let start = 0; start < values.length; start += 5000) {
    await producer.send({
      topic: 'logs',
      messages: values.slice(start, start + 5000).map((value) => ({ value })),
    });
  }
}

describe(`hostile payloads in the topic of a running pipeline (MILLRACE_SEED=${seed})`, () => {
  it('reach the dead letter, cost one registry request, and do not keep what is good from being counted', async () => {
    const subject = 'logs-value';
    const { write } = await createWriter({
      registry: connectRegistry({ url: registry.url }),
      subject,
      schema: AccessLogSchema,
      autoRegister: true,
    });
    const nowMs = Date.now();
    const event = (index: number) =>
      accessLogEvent(simulatedRequest(1, index, nowMs), { text: '', simulated: true });
    const good = Array.from({ length: 100 }, (_, index) => Buffer.from(write(event(index))));
    const mutated = Array.from({ length: mutations }, (_, index) =>
      mutate(good[index % good.length]!, index),
    );
    const unknownId = Buffer.from(good[0]!);
    unknownId.writeUInt32BE(UNKNOWN_ID, 1);
    const frames = [Buffer.from('not framed'), Buffer.from([0, 0, 1]), unknownId, Buffer.alloc(0)];
    const frameFaults = Array.from({ length: unreadable }, (_, index) => frames[index % frames.length]!);
    // A string said to be two gigabytes long, and a varint that does not end.
    const bomb = Buffer.concat([good[0]!.subarray(0, 5), Buffer.from([0x02, 0xfe, 0xff, 0xff, 0xff, 0x0f])]);
    const endless = Buffer.concat([good[0]!.subarray(0, 5), Buffer.alloc(64, 0xff)]);

    await send([...mutated, ...frameFaults, bomb, endless]);
    await send(good);
    const total = mutated.length + frameFaults.length + 2 + good.length;
    while (pipeline.tasks.some(({ topic, lag }) => topic === 'logs' && lag !== 0)) {
      expect(pipeline.state).toBe('running');
      await sleep(50);
    }
    const counted = async () =>
      (await pipeline.query({ view: 'traffic' })).rows.reduce((sum, row) => sum + Number(row.requests), 0);
    while ((await counted()) < good.length) await sleep(50);
    await pipeline.stop(); // commits what was read

    const { deadLetter } = pipeline.counters;
    expect(deadLetter).toBeGreaterThanOrEqual(frameFaults.length + 2 + mutated.length / 2);
    expect(deadLetter).toBeLessThanOrEqual(total - good.length);
    expect(asked.filter((id) => id === String(UNKNOWN_ID)).length).toBeLessThanOrEqual(2); // once a partition's reader
    const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: 'check', maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topic: 'web-logs.dead-letter', fromBeginning: true });
    let seen = 0;
    const codes = new Map<string, number>();
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { headers } of batch.messages) {
          seen++;
          const code = String(headers?.code);
          codes.set(code, (codes.get(code) ?? 0) + 1);
          expect(String(headers?.reason)).not.toBe('undefined');
        }
      },
    });
    while (seen < deadLetter) await sleep(50);
    await consumer.disconnect();
    expect(seen).toBe(deadLetter);
    expect(codes.size).toBeGreaterThan(2);
  });
});
