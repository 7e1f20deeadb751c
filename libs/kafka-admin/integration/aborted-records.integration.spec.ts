import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka } from '@millrace/embedded';
import type { Admin, Kafka } from 'kafkajs';
import { waitForKafka } from '../src/index.ts';

const real = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const run = `aborted-${process.pid}-${Date.now()}`;

const brokers: [string, () => Promise<{ readonly brokers: readonly string[]; stop(): Promise<void> }>][] = [
  ['the embedded broker', () => startKafka()],
  ...(real === undefined
    ? []
    : [['Apache Kafka', async () => ({ brokers: real.split(','), stop: async () => undefined })] as never]),
];

describe.each(brokers)('a consumer on %s', (_name, open) => {
  let broker: Awaited<ReturnType<typeof open>>;
  let kafka: Kafka;
  let admin: Admin;
  const topics: string[] = [];
  beforeAll(async () => {
    broker = await open();
    const signal = new AbortController().signal;
    ({ kafka, admin } = await waitForKafka({
      brokers: broker.brokers,
      clientId: 'reads',
      log: () => undefined,
      signal,
    }));
  });
  afterAll(async () => {
    await admin.deleteTopics({ topics });
    await admin.disconnect();
    await broker.stop();
  });

  /** Two transactions that are open at the same time and end as said, in this order; then `end` is committed. */
  async function twoAtOnce(
    topic: string,
    endings: readonly ['one' | 'other', 'abort' | 'commit'][],
  ): Promise<void> {
    topics.push(topic);
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] });
    const producers = Object.fromEntries(
      ['one', 'other', 'last'].map((name) => {
        const producer = kafka.producer({
          transactionalId: `${topic}.${name}`,
          idempotent: true,
          maxInFlightRequests: 1,
        });
        return [name, producer];
      }),
    ) as Record<'one' | 'other' | 'last', ReturnType<Kafka['producer']>>;
    for (const producer of Object.values(producers)) await producer.connect();
    const open = { one: await producers.one.transaction(), other: await producers.other.transaction() };
    for (const value of ['1', '2', '3']) {
      for (const name of ['one', 'other'] as const)
        await open[name].send({ topic, messages: [{ value: `${name} ${value}` }] });
    }
    for (const [name, ending] of endings) await open[name][ending]();
    const last = await producers.last.transaction();
    await last.send({ topic, messages: [{ value: 'end' }] });
    await last.commit();
    for (const producer of Object.values(producers)) await producer.disconnect();
  }

  async function valuesFrom(topic: string, offset: number): Promise<string[]> {
    const consumer = kafka.consumer({ groupId: `${topic}.${offset}`, maxWaitTimeInMs: 100 });
    const values: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message }) => {
            const value = String(message.value);
            if (Number(message.offset) < offset) return;
            if (value === 'end') resolve();
            else values.push(value);
          },
        })
        .catch(reject);
      consumer.seek({ topic, partition: 0, offset: String(offset) });
    });
    await consumer.disconnect();
    return values;
  }

  it('sees nothing of two aborted transactions, the later of which ended first', async () => {
    const topic = `${run}.ended-first`;
    await twoAtOnce(topic, [
      ['other', 'abort'],
      ['one', 'abort'],
    ]);
    expect(await valuesFrom(topic, 0)).toEqual([]);
  }, 60_000);

  it('sees nothing of two aborted transactions when it begins in their middle', async () => {
    const topic = `${run}.middle`;
    await twoAtOnce(topic, [
      ['one', 'abort'],
      ['other', 'abort'],
    ]);
    expect(await valuesFrom(topic, 3)).toEqual([]);
  }, 60_000);

  it('sees what was committed beside an aborted transaction', async () => {
    const topic = `${run}.beside`;
    await twoAtOnce(topic, [
      ['other', 'commit'],
      ['one', 'abort'],
    ]);
    expect(await valuesFrom(topic, 0)).toEqual(['other 1', 'other 2', 'other 3']);
  }, 60_000);
});
