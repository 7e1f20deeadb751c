import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import {
  AccessLogSchema,
  ContractError,
  connectRegistry,
  createDecoder,
  createProducer,
  withRegistry,
  type AccessLog,
  type ProducerOptions,
  type Registry,
} from '../src/index.ts';
import { describeEverywhere, startEmbedded, unique, type Services } from './services.ts';

const row: AccessLog = {
  time: 1_767_225_600_000,
  host: '192.0.2.1',
  user: null,
  method: 'GET',
  path: '/żółw?q=🐢',
  protocol: 'HTTP/1.1',
  status: 200,
  bytes: 2 ** 40,
  duration_ms: 0.25,
  referrer: null,
  user_agent: 'curl/8',
  simulated: true,
  line: '',
};
const keySchema = { type: 'record', name: 'Key', fields: [{ name: 'host', type: 'string' }] };

interface Received {
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly headers: Record<string, unknown>;
}

/** Everything in the topic, read by kafkajs. */
async function readAll(kafka: Kafka, topic: string, count: number): Promise<Received[]> {
  const consumer = kafka.consumer({ groupId: unique('group') });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const received: Received[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: ({ partition, message: { key, value, timestamp, offset, headers = {} } }) => {
          received.push({ partition, offset, key, value, timestamp, headers });
          if (received.length === count) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return received;
}

async function endOffsets(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

describeEverywhere('producers', (start) => {
  let services: Services;
  let kafka: Kafka;
  let registry: Registry;

  beforeAll(async () => {
    services = await start();
    kafka = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING });
    registry = connectRegistry({ url: services.registryUrl });
  });
  afterAll(() => services.stop());

  async function createTopic(prefix: string): Promise<string> {
    const topic = unique(prefix);
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic, numPartitions: 3, replicationFactor: 1 }],
      waitForLeaders: true,
    });
    await admin.disconnect();
    return topic;
  }

  function fast(topic: string, options: Partial<ProducerOptions> = {}) {
    const schemas = { [topic]: AccessLogSchema };
    return createProducer({
      brokers: services.brokers,
      registry,
      schemas,
      autoRegister: true,
      lingerMs: 1,
      ...options,
    });
  }

  it('send what the registry client decodes, to the partitions that kafkajs chooses', async () => {
    const topic = await createTopic('same');
    const keys = Array.from({ length: 60 }, (_, index) =>
      `${'k'.repeat(index % 9)}${index}ä`.slice(0, 1 + (index % 12)),
    );
    const producer = await fast(topic);
    for (const key of keys)
      producer.send(topic, {
        key,
        value: { ...row, line: key },
        timestampMs: row.time,
        headers: { by: 'fast' },
      });
    await producer.close();
    const wrapped = withRegistry(kafka.producer(), {
      registry,
      subjects: { [topic]: AccessLogSchema },
      autoRegister: true,
    });
    await wrapped.connect();
    await wrapped.send({
      topic,
      messages: keys.map((key) => ({
        key,
        value: { ...row, line: key },
        timestamp: String(row.time),
        headers: { by: 'kafkajs' },
      })),
    });
    await wrapped.disconnect();

    const received = await readAll(kafka, topic, 2 * keys.length);
    const client = new SchemaRegistry({ host: services.registryUrl });
    const seen = new Map<string, Set<string>>();
    for (const { key, value, partition, timestamp, headers } of received) {
      expect(timestamp).toBe(String(row.time));
      expect({ ...(await client.decode(value as Buffer)) }).toEqual({ ...row, line: String(key) });
      const sent = `${String(key)}@${partition}`;
      seen.set(sent, (seen.get(sent) ?? new Set()).add(String(headers['by'])));
    }
    expect([...seen.values()].every((by) => by.size === 2)).toBe(true);
    expect(seen.size).toBe(new Set(keys).size);
  });

  it('hold keys to their schema, take tombstones, and give offsets', async () => {
    const topic = await createTopic('keys');
    const producer = await fast(topic, { keys: { [topic]: keySchema } });
    const one = await producer.deliver(topic, { key: { host: 'a' }, value: row, partition: 2 });
    const two = await producer.deliver(topic, { key: { host: 'a' }, value: null, partition: 2 });
    expect([one, two]).toEqual([
      { topic, partition: 2, offset: 0 },
      { topic, partition: 2, offset: 1 },
    ]);
    expect(() => producer.send(topic, { key: 'a', value: row })).toThrow(
      'key Key, rule "type": got "a"; send record Key',
    );
    await producer.close();
    const decoder = createDecoder({ registry });
    const [first, second] = await readAll(kafka, topic, 2);
    expect(await decoder.decode(first?.key as Buffer)).toEqual({ host: 'a' });
    expect(second?.value).toBeNull();
  });

  it('never send a record that its schema refuses, nor those beside it', async () => {
    const topic = await createTopic('refused');
    const wrong = { ...row, status: 'OK', typo: 1 };
    const producer = await fast(topic);
    const faults = [
      { part: 'value', path: 'AccessLog.status', rule: 'type', fix: 'got "OK"; send an int' },
      {
        part: 'value',
        path: 'AccessLog.typo',
        rule: 'unknown',
        fix: expect.stringContaining('no such field'),
      },
    ];
    expect(() => producer.send(topic, { value: wrong })).toThrow(ContractError);
    await expect(producer.deliver(topic, { value: wrong })).rejects.toMatchObject({ topic, faults });
    expect(() => producer.send('another', { value: row })).toThrow('there is no schema for topic "another"');
    expect(() => producer.send(topic, { value: row, timestampMs: NaN })).toThrow(ContractError);
    expect(() => producer.send(topic, { value: row, partition: 3 })).toThrow('partitions 0 to 2');
    expect(() => producer.send(topic, { key: 5, value: row })).toThrow('send text, bytes or null');
    expect(() => producer.send(topic, { value: { ...row, line: 'x'.repeat(2_000_000) } })).toThrow(
      'larger than',
    );
    await producer.close();

    const wrapped = withRegistry(kafka.producer(), {
      registry,
      subjects: { [topic]: AccessLogSchema },
      autoRegister: true,
    });
    await wrapped.connect();
    const sent = wrapped.send({ topic, messages: [{ value: row }, { value: wrong }] });
    await expect(sent).rejects.toMatchObject({ code: 'SCHEMAS_CONTRACT', topic, index: 1, faults });
    await expect(
      wrapped.sendBatch({
        topicMessages: [
          { topic, messages: [{ value: row }] },
          { topic: 'another', messages: [{ value: row }] },
        ],
      }),
    ).rejects.toMatchObject({ code: 'SCHEMAS_NO_SCHEMA' });
    await wrapped.disconnect();
    expect(await endOffsets(kafka, topic)).toBe(0);
  });

  it('send in kafkajs transactions', async () => {
    const topic = await createTopic('transaction');
    const plain = kafka.producer({ transactionalId: unique('tx'), idempotent: true, maxInFlightRequests: 1 });
    const wrapped = withRegistry(plain, {
      registry,
      subjects: { [topic]: AccessLogSchema },
      autoRegister: true,
    });
    await wrapped.connect();
    const transaction = await wrapped.transaction();
    await transaction.send({ topic, messages: [{ value: row }] });
    await expect(transaction.send({ topic, messages: [{ value: { ...row, host: 1 } }] })).rejects.toThrow(
      ContractError,
    );
    await transaction.commit();
    await wrapped.disconnect();
    expect(await readAll(kafka, topic, 1)).toHaveLength(1);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'send every record once and in order, compressed with %s',
    async (compression) => {
      const topic = await createTopic(compression);
      const producer = await fast(topic, { compression, batchBytes: 8_192, bufferBytes: 65_536 });
      let waited = 0;
      for (let index = 0; index < 5_000; index++) {
        const record = { key: `host-${index % 10}`, value: { ...row, bytes: index } };
        if (!producer.send(topic, record)) {
          waited++;
          await producer.drained();
        }
      }
      expect(waited).toBeGreaterThan(0);
      await producer.close();
      expect(await endOffsets(kafka, topic)).toBe(5_000);
      if (compression !== 'none' && compression !== 'gzip') return; // kafkajs reads these two
      const decoder = createDecoder<AccessLog>({ registry });
      const last = new Map<string, number>();
      for (const { key, value } of await readAll(kafka, topic, 5_000)) {
        const { bytes } = await decoder.decode(value as Buffer);
        expect(bytes).toBeGreaterThan(last.get(String(key)) ?? -1);
        last.set(String(key), bytes);
      }
    },
  );

  it('refuse to buffer without end, and to be used when closed', async () => {
    const topic = await createTopic('full');
    const producer = await fast(topic, { bufferBytes: 1_000 });
    const fill = () => {
      for (let index = 0; index < 1_000; index++) producer.send(topic, { value: row });
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'SCHEMAS_PRODUCER_FULL', retriable: true }));
    await producer.close();
    await producer.close();
    expect(() => producer.send(topic, { value: row })).toThrow(
      expect.objectContaining({ code: 'SCHEMAS_PRODUCER_CLOSED' }),
    );
  });
});

describe('an idempotent producer, embedded', () => {
  it('loses and repeats nothing while answers are lost and brokers refuse', async () => {
    const services = await startEmbedded();
    const kafka = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING });
    const registry = connectRegistry({ url: services.registryUrl });
    const topic = unique('faults');
    const producer = await createProducer({
      brokers: services.brokers,
      registry,
      schemas: { [topic]: AccessLogSchema },
      autoRegister: true,
      lingerMs: 0,
      batchBytes: 2_048,
    });
    services.kafka.faults.inject('Produce', { drop: 'after', times: 2 });
    services.kafka.faults.inject('Produce', { error: 'notLeaderOrFollower', times: 2 });
    services.kafka.faults.inject('Produce', { drop: 'before', times: 1 });
    for (let index = 0; index < 500; index++)
      producer.send(topic, { key: 'k', value: { ...row, bytes: index } });
    await producer.close();
    const decoder = createDecoder<AccessLog>({ registry });
    const received = await readAll(kafka, topic, 500);
    const numbers = await Promise.all(
      received.map(async ({ value }) => (await decoder.decode(value as Buffer)).bytes),
    );
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(await endOffsets(kafka, topic)).toBe(500);
    await services.stop();
  });

  it('tells who waits, and whoever flushes, when a batch was refused for good, and goes on', async () => {
    const services = await startEmbedded();
    const registry = connectRegistry({ url: services.registryUrl });
    const topic = unique('toolarge');
    const producer = await createProducer({
      brokers: services.brokers,
      registry,
      schemas: { [topic]: AccessLogSchema },
      autoRegister: true,
    });
    services.kafka.faults.inject('Produce', { error: 'messageTooLarge', times: 1 });
    const refused = producer.deliver(topic, { key: 'k', value: row });
    await expect(refused).rejects.toMatchObject({
      code: 'SCHEMAS_PRODUCER_FAILED',
      message: expect.stringContaining('MESSAGE_TOO_LARGE'),
    });
    await expect(producer.flush()).rejects.toThrow('MESSAGE_TOO_LARGE');
    expect(await producer.deliver(topic, { key: 'k', value: row })).toMatchObject({ offset: 0 });
    await producer.close();
    await services.stop();
  });

  it('stops for good when the broker has lost count', async () => {
    const services = await startEmbedded();
    const registry = connectRegistry({ url: services.registryUrl });
    const topic = unique('lost');
    const producer = await createProducer({
      brokers: services.brokers,
      registry,
      schemas: { [topic]: AccessLogSchema },
      autoRegister: true,
    });
    services.kafka.faults.inject('Produce', { error: 'outOfOrderSequenceNumber', times: 1 });
    await expect(producer.deliver(topic, { value: row })).rejects.toMatchObject({
      code: 'SCHEMAS_PRODUCER_FAILED',
    });
    expect(() => producer.send(topic, { value: row })).toThrow('OUT_OF_ORDER_SEQUENCE_NUMBER');
    await expect(producer.close()).rejects.toThrow('OUT_OF_ORDER_SEQUENCE_NUMBER');
    await services.stop();
  });
});
