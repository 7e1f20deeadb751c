import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka as KafkaJs, CompressionTypes, ConfigResourceTypes, logLevel, type Consumer } from 'kafkajs';
import { startKafka, type Kafka } from '../src/index.ts';

describe('kafkajs', () => {
  let kafka: Kafka;
  let client: KafkaJs;
  beforeAll(async () => {
    kafka = await startKafka({ defaultPartitions: 3 });
    client = new KafkaJs({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  });
  afterAll(() => kafka.stop());

  /** Reads until `count` values have come. */
  const collect = async (consumer: Consumer, topic: string, count: number): Promise<string[]> => {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const values: string[] = [];
    await new Promise<void>((resolve) => {
      const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
        values.push(String(message.value));
        if (values.length === count) resolve();
      };
      void consumer.run({ eachMessage });
    });
    return values.sort();
  };

  it('administers topics, partitions, settings, offsets and groups', async () => {
    const admin = client.admin();
    await admin.connect();
    const topic = 'administered';
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })).toBe(true);
    expect(await admin.createTopics({ topics: [{ topic }] })).toBe(false);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics[0]!.partitions).toHaveLength(4);
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
    const configEntries = [{ name: 'retention.ms', value: '12345' }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    expect(
      resources[0]!.configEntries.find((entry) => entry.configName === 'retention.ms')!.configValue,
    ).toBe('12345');
    await admin.setOffsets({ groupId: 'set', topic, partitions: [{ partition: 1, offset: '0' }] });
    const offsets = await admin.fetchOffsets({ groupId: 'set', topics: [topic] });
    expect(offsets[0]!.partitions.find((one) => one.partition === 1)!.offset).toBe('0');
    await admin.deleteGroups(['set']);
    await admin.deleteTopics({ topics: [topic] });
    expect(await admin.listTopics()).not.toContain(topic);
    await admin.disconnect();
  });

  it('produces in batches, compressed and idempotently, and consumes with headers', async () => {
    const producer = client.producer({ idempotent: true });
    await producer.connect();
    const topic = 'produced';
    const messages = Array.from({ length: 500 }, (_, n) => ({
      key: `${n % 9}`,
      value: `v${n}`,
      headers: { n: `${n}` },
    }));
    await producer.sendBatch({ compression: CompressionTypes.GZIP, topicMessages: [{ topic, messages }] });
    await producer.disconnect();
    const consumer = client.consumer({ groupId: 'produced-readers' });
    expect(await collect(consumer, topic, 500)).toEqual(messages.map((message) => message.value).sort());
    await consumer.disconnect();
  });

  it('shares partitions in a group, and takes over from a member that leaves', async () => {
    const topic = 'shared';
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] });
    const assigned: Record<string, number[]> = {};
    const join = async (name: string) => {
      const consumer = client.consumer({ groupId: 'sharers', heartbeatInterval: 100, maxWaitTimeInMs: 100 });
      consumer.on('consumer.group_join', ({ payload }) => {
        assigned[name] = payload.memberAssignment[topic] ?? [];
      });
      await consumer.connect();
      await consumer.subscribe({ topic });
      await consumer.run({ eachMessage: async () => undefined });
      return consumer;
    };
    const until = async (settled: () => boolean) => {
      while (!settled()) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const first = await join('first');
    await until(() => assigned['first']?.length === 4);
    const second = await join('second');
    await until(() => assigned['first']?.length === 2 && assigned['second']?.length === 2);
    expect([...assigned['first']!, ...assigned['second']!].sort()).toEqual([0, 1, 2, 3]);
    const { groups } = await admin.describeGroups(['sharers']);
    expect(groups[0]!.members).toHaveLength(2);
    await first.disconnect();
    await until(() => assigned['second']?.length === 4);
    await second.disconnect();
    await admin.disconnect();
  });

  it('goes on from committed offsets', async () => {
    const topic = 'resumed';
    const producer = client.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] });
    const first = client.consumer({ groupId: 'resumers' });
    expect(await collect(first, topic, 2)).toEqual(['a', 'b']);
    await first.disconnect();
    await producer.send({ topic, messages: [{ value: 'c' }] });
    const second = client.consumer({ groupId: 'resumers' });
    expect(await collect(second, topic, 1)).toEqual(['c']);
    await second.disconnect();
    await producer.disconnect();
  });

  it('commits and aborts transactions, with offsets inside', async () => {
    const topic = 'transacted';
    const producer = client.producer({
      transactionalId: 'kafkajs-id',
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    for (const [value, offset] of [
      ['kept', '3'],
      ['given up', '9'],
      ['kept too', '4'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      const topics = [{ topic, partitions: [{ partition: 0, offset }] }];
      await transaction.sendOffsets({ consumerGroupId: 'transacted-offsets', topics });
      if (value === 'given up') await transaction.abort();
      else await transaction.commit();
    }
    await producer.disconnect();
    const consumer = client.consumer({ groupId: 'transacted-readers', readUncommitted: false });
    expect(await collect(consumer, topic, 2)).toEqual(['kept', 'kept too']);
    await consumer.disconnect();
    const admin = client.admin();
    await admin.connect();
    const offsets = await admin.fetchOffsets({ groupId: 'transacted-offsets', topics: [topic] });
    expect(offsets[0]!.partitions.find((one) => one.partition === 0)!.offset).toBe('4');
    await admin.disconnect();
  });
});
