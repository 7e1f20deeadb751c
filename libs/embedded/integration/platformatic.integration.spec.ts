import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Admin,
  Consumer,
  FetchIsolationLevels,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { startKafka, type Kafka } from '../src/index.ts';

describe('@platformatic/kafka', () => {
  let kafka: Kafka;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka.stop());

  const options = () => ({ clientId: 'platformatic', bootstrapBrokers: kafka.brokers });

  const read = async (topic: string, groupId: string, count: number): Promise<string[]> => {
    const consumer = new Consumer({
      ...options(),
      groupId,
      deserializers: stringDeserializers,
      isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    });
    const stream = await consumer.consume({
      topics: [topic],
      mode: 'committed',
      fallbackMode: 'earliest',
      maxWaitTime: 100,
    });
    const values: string[] = [];
    for await (const message of stream) {
      values.push(message.value!);
      await message.commit();
      if (values.length === count) break;
    }
    await consumer.close(true);
    return values;
  };

  it('creates topics, produces with every codec, consumes in a group and goes on where it was', async () => {
    const admin = new Admin(options());
    await admin.createTopics({ topics: ['codecs'], partitions: 1, replicas: 1 });
    expect(await admin.listTopics()).toContain('codecs');
    const producer = new Producer({ ...options(), serializers: stringSerializers, idempotent: true });
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
    for (const compression of codecs) {
      await producer.send({ messages: [{ topic: 'codecs', key: 'k', value: compression }], compression });
    }
    expect(await read('codecs', 'codec-readers', codecs.length)).toEqual(codecs);
    await producer.send({ messages: [{ topic: 'codecs', key: 'k', value: 'more' }] });
    expect(await read('codecs', 'codec-readers', 1)).toEqual(['more']);
    await producer.close();
    await admin.close();
  });

  it('commits and aborts transactions', async () => {
    const producer = new Producer({
      ...options(),
      serializers: stringSerializers,
      transactionalId: 'platformatic-id',
      idempotent: true,
      autocreateTopics: true,
    });
    for (const value of ['kept', 'given up', 'kept too']) {
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: [{ topic: 'transactions', key: 'k', value }] });
      await (value === 'given up' ? transaction.abort() : transaction.commit());
    }
    expect(await read('transactions', 'transaction-readers', 2)).toEqual(['kept', 'kept too']);
    await producer.close();
  });
});
