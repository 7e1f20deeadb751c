import { afterEach, describe, expect, it } from '@jest/globals';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { manualClock, startKafka, type Kafka } from '../src/index.ts';
import { describeGroups, endTxn, metadata } from '../src/broker/protocol/messages/index.ts';
import { joinAlone } from './conformance/group-client.ts';
import { batchOf, createTopic, fetchFrom, offsetOf, produceBatch, readAll } from './log-client.ts';
import { addPartition, initTransactions } from './transaction-client.ts';
import { WireClient } from './wire-client.ts';

const DAY_MS = 86_400_000;

describe('a broker in a test', () => {
  let kafka: Kafka | undefined;
  afterEach(() => kafka?.stop());

  const connect = (broker = kafka!.brokers[0]!) => WireClient.connect(broker);

  it('answers requests of an API with an error, as often as asked to', async () => {
    kafka = await startKafka();
    const client = await connect();
    await createTopic(client, 'faulty');
    kafka.faults.inject('Produce', { error: 'notEnoughReplicas', times: 2 });
    const send = async () =>
      (await produceBatch(client, { topic: 'faulty' }, batchOf([{ value: 'x' }]))).errorCode;
    expect([await send(), await send(), await send()]).toEqual([19, 19, 0]);
    expect((await offsetOf(client, { topic: 'faulty' }, -1)).offset).toBe(1);
  });

  it('answers every API with the error it is told to', async () => {
    kafka = await startKafka();
    const client = await connect();
    const remove = kafka.faults.inject('Metadata', { error: 'leaderNotAvailable' });
    const ask = async () =>
      (await client.call(metadata, { topics: [{ name: 'some' }] })).topics[0]!.errorCode;
    expect(await ask()).toBe(5);
    remove();
    expect(await ask()).toBe(0);
    kafka.faults.inject('Metadata', { error: 41 });
    kafka.faults.clear();
    expect(await ask()).toBe(0);
    expect(() => kafka!.faults.inject('Metadate', {})).toThrow(/no API is called "Metadate"/);
  });

  it('loses the answer to EndTxn, with the transaction committed', async () => {
    kafka = await startKafka();
    const client = await connect();
    await createTopic(client, 'torn');
    const who = await initTransactions(client, 'torn-id');
    await addPartition(client, who, 'torn');
    const batch = batchOf([{ value: 'x' }], { ...who, transactional: true, baseSequence: 0 });
    await produceBatch(client, { topic: 'torn' }, batch, { transactionalId: 'torn-id' });
    kafka.faults.inject('EndTxn', { drop: 'after', times: 1 });
    await expect(client.call(endTxn, { ...who, committed: true })).rejects.toThrow(/closed/);
    const other = await connect();
    expect((await readAll(other, { topic: 'torn' }, { committedOnly: true })).records).toHaveLength(1);
  });

  it('drops a connection before it looks at a request, and kafkajs tries again', async () => {
    kafka = await startKafka();
    const admin = await connect();
    await createTopic(admin, 'retried');
    const producer = new KafkaJs({
      brokers: kafka.brokers,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 10 },
    }).producer();
    await producer.connect();
    kafka.faults.inject('Produce', { drop: 'before', delayMs: 5, times: 1 });
    await producer.send({ topic: 'retried', messages: [{ value: 'once' }] });
    await producer.disconnect();
    expect((await readAll(admin, { topic: 'retried' })).records).toHaveLength(1);
  });

  it('lets time pass as the test wants: retention, sessions and transactions', async () => {
    const clock = manualClock();
    kafka = await startKafka({ clock, topicDefaults: { 'retention.ms': String(DAY_MS) } });
    const client = await connect();
    await createTopic(client, 'old');
    await produceBatch(client, { topic: 'old' }, batchOf([{ value: 'x' }]));
    const member = await joinAlone(client, 'sleepers', { sessionTimeoutMs: 30_000 });
    const who = await initTransactions(client, 'slow', { timeoutMs: 60_000 });
    await addPartition(client, who, 'old');

    clock.advance(29_999);
    const state = async () => (await client.call(describeGroups, { groups: ['sleepers'] })).groups[0]!;
    expect(await state()).toMatchObject({ groupState: 'Stable', members: [{ memberId: member.memberId }] });
    clock.advance(1);
    expect((await state()).groupState).toBe('Empty');

    clock.advance(30_000);
    expect((await fetchFrom(client, { topic: 'old' })).highWatermark).toBe(2);

    await kafka.runHousekeeping();
    expect((await offsetOf(client, { topic: 'old' }, -2)).offset).toBe(0);
    clock.advance(DAY_MS + 1);
    await kafka.runHousekeeping();
    expect((await offsetOf(client, { topic: 'old' }, -2)).offset).toBe(2);
  });

  it('runs beside others, each on a port of its own, and frees its port and folder when it stops', async () => {
    const many = await Promise.all(Array.from({ length: 10 }, () => startKafka()));
    expect(new Set(many.map((one) => one.port)).size).toBe(10);
    await expect(startKafka({ port: many[0]!.port })).rejects.toMatchObject({
      code: 'EMBEDDED_LISTEN',
      isTaken: true,
    });
    await Promise.all(many.map((one) => one.stop()));
    kafka = await startKafka({ port: many[0]!.port });
    expect(kafka.port).toBe(many[0]!.port);
  });
});
