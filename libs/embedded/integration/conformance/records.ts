import { expect } from '@jest/globals';
import { readBatchHeader, type Codec } from '@millrace/record-batch';
import { fetch, initProducerId, metadata, produce } from '../../src/broker/protocol/messages/index.ts';
import { batchOf, createTopic, fetchFrom, offsetOf, produceBatch, readAll } from '../log-client.ts';
import { patiently } from '../transaction-client.ts';
import type { WireClient } from '../wire-client.ts';
import type { Cases } from './suite.ts';
import { freshName } from './target.ts';

const CODECS: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
/** Offset, length and leader epoch: what a broker writes into a batch. */
const STAMPED_BYTES = 16;

async function topicNamed(client: WireClient, what: string, configs: Record<string, string> = {}) {
  const topic = freshName(what);
  expect(await createTopic(client, topic, { configs })).toBe(0);
  return { topic };
}

async function newProducer(client: WireClient) {
  const request = { transactionalId: null, transactionTimeoutMs: 1000 };
  const { producerId, producerEpoch } = await patiently(
    () => client.call(initProducerId, request, 4),
    (answer) => answer.errorCode,
  );
  return { producerId, producerEpoch };
}

/** Producing, fetching and offsets. */
export const recordCases: Cases = {
  'gives consecutive offsets in every version of Produce': async ({ client }) => {
    const place = await topicNamed(client, 'versions');
    let offset = 0;
    for (let version = 3; version <= produce.versions[1]; version++) {
      const answer = await produceBatch(client, place, batchOf([{ value: 'a' }, { value: 'b' }]), {
        version,
      });
      expect([version, answer.errorCode, answer.baseOffset]).toEqual([version, 0, offset]);
      offset += 2;
    }
  },

  'returns batches byte for byte, but for offset and epoch, whatever their compression': async ({
    client,
  }) => {
    for (const compression of CODECS) {
      const place = await topicNamed(client, compression);
      const sent = batchOf(
        Array.from({ length: 50 }, (_, index) => ({ key: `k${index}`, value: 'value '.repeat(10) })),
        { compression },
      );
      expect((await produceBatch(client, place, sent)).errorCode).toBe(0);
      const { records } = await fetchFrom(client, place);
      expect(records!.subarray(STAMPED_BYTES).equals(sent.subarray(STAMPED_BYTES))).toBe(true);
      expect((await readAll(client, place)).records).toHaveLength(50);
    }
  },

  'is read in every version of Fetch, by name or by id': async ({ client }) => {
    const place = await topicNamed(client, 'fetches');
    await produceBatch(client, place, batchOf([{ value: 'x' }]));
    const { topics } = await client.call(metadata, { topics: [{ name: place.topic }] });
    const { topicId } = topics[0]!;
    for (let version = 4; version <= fetch.versions[1]; version++) {
      const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }];
      const request = { maxWaitMs: 0, minBytes: 1, topics: [{ topic: place.topic, topicId, partitions }] };
      const answer = await client.call(fetch, request, version);
      const part = answer.responses[0]!.partitions[0]!;
      expect([version, part.errorCode, part.highWatermark]).toEqual([version, 0, 1]);
      expect(readBatchHeader(part.records!, 0)!.recordCount).toBe(1);
    }
  },

  'refuses what is not one intact batch of a client': async ({ client }) => {
    const place = await topicNamed(client, 'refusals', { 'max.message.bytes': '5000' });
    const errorOf = async (records: Buffer | null, options = {}) =>
      (await produceBatch(client, place, records, options)).errorCode;
    const torn = batchOf([{ value: 'torn' }]);
    torn[torn.length - 2]! ^= 1;
    expect(await errorOf(torn)).toBe(2);
    const one = batchOf([{ value: 'one' }]);
    expect(await errorOf(Buffer.concat([one, one]))).toBe(87);
    expect(await errorOf(batchOf([{ value: 'large'.repeat(2000) }]))).toBe(10);
    expect(await errorOf(batchOf([{ value: 'marker' }], { control: true }))).toBe(87);
    expect(
      await errorOf(batchOf([{ value: 'x' }], { transactional: true, producerId: 1, producerEpoch: 0 })),
    ).toBe(53);
    expect(await errorOf(one, { acks: 2 })).toBe(21);
    expect((await produceBatch(client, { ...place, partition: 7 }, one)).errorCode).toBe(3);
    expect((await produceBatch(client, { topic: freshName('missing') }, one)).errorCode).toBe(3);
    expect((await offsetOf(client, place, -1)).offset).toBe(0);
  },

  'wants keys in compacted topics': async ({ client }) => {
    const place = await topicNamed(client, 'keys', { 'cleanup.policy': 'compact' });
    expect((await produceBatch(client, place, batchOf([{ value: 'no key' }]))).errorCode).toBe(87);
    expect((await produceBatch(client, place, batchOf([{ key: 'k', value: null }]))).errorCode).toBe(0);
  },

  'stamps records with its own time if the topic says so': async ({ client }) => {
    const place = await topicNamed(client, 'append-time', { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    const answer = await produceBatch(client, place, batchOf([{ value: 'x', timestampMs: before - 60_000 }]));
    expect(answer.logAppendTimeMs).toBeGreaterThanOrEqual(before - 1000);
    const { records } = await readAll(client, place);
    expect(records[0]!.timestampMs).toBe(answer.logAppendTimeMs);
  },

  'says nothing to a producer that wants no acknowledgement': async ({ client }) => {
    const place = await topicNamed(client, 'silent');
    const records = batchOf([{ value: 'x' }]);
    const topicData = [{ name: place.topic, partitionData: [{ index: 0, records }] }];
    void client.exchange(produce, { acks: 0, timeoutMs: 1000, topicData }, 9).catch(() => undefined);
    const { topics } = await client.call(metadata, { topics: [{ name: place.topic }] });
    expect(topics[0]!.errorCode).toBe(0);
    expect((await readAll(client, place)).records).toHaveLength(1);
  },

  'waits for records as long as the consumer allows, and answers when they come': async ({
    client,
    connect,
  }) => {
    const place = await topicNamed(client, 'waiting');
    const other = await connect();
    const waiting = fetchFrom(other, place, { maxWaitMs: 30_000 });
    await produceBatch(client, place, batchOf([{ value: 'at last' }]));
    expect((await waiting).highWatermark).toBe(1);
    const nothing = await fetchFrom(other, place, { offset: 1, maxWaitMs: 50 });
    expect(nothing.records?.length ?? 0).toBe(0);
  },

  'fetches whole batches from the one asked for, one at least and no more than fit': async ({ client }) => {
    const place = await topicNamed(client, 'sizes');
    const batch = batchOf(Array.from({ length: 10 }, () => ({ value: 'v'.repeat(100) })));
    for (let index = 0; index < 5; index++) await produceBatch(client, place, Buffer.from(batch));
    const first = await fetchFrom(client, place, { offset: 17, partitionMaxBytes: 1 });
    expect(readBatchHeader(first.records!, 0)!.baseOffset).toBe(10);
    const two = await fetchFrom(client, place, { offset: 20, partitionMaxBytes: 2 * batch.length });
    expect(two.records!.length).toBe(2 * batch.length);
    const past = await fetchFrom(client, place, { offset: 51 });
    expect(past.errorCode).toBe(1);
    expect((await fetchFrom(client, place, { offset: 50 })).errorCode).toBe(0);
  },

  'finds offsets by place and by time': async ({ client }) => {
    const place = await topicNamed(client, 'times');
    const base = Date.now() - 10_000;
    const at = (...deltas: number[]) =>
      batchOf(deltas.map((delta) => ({ value: 'x', timestampMs: base + delta })));
    await produceBatch(client, place, at(0, 10, 20));
    await produceBatch(client, place, at(50, 30, 40));
    expect((await offsetOf(client, place, -2)).offset).toBe(0);
    expect((await offsetOf(client, place, -1)).offset).toBe(6);
    expect(await offsetOf(client, place, base + 10)).toMatchObject({ offset: 1, timestamp: base + 10 });
    expect(await offsetOf(client, place, base + 11)).toMatchObject({ offset: 2, timestamp: base + 20 });
    expect(await offsetOf(client, place, base + 35)).toMatchObject({ offset: 3, timestamp: base + 50 });
    expect(await offsetOf(client, place, base + 51)).toMatchObject({ offset: -1, timestamp: -1 });
    expect(await offsetOf(client, place, -3)).toMatchObject({ offset: 3, timestamp: base + 50 });
    expect((await offsetOf(client, place, base - 1, { version: 1 })).offset).toBe(0);
  },

  'acknowledges a repeated batch of an idempotent producer without storing it again': async ({ client }) => {
    const place = await topicNamed(client, 'repeated');
    const producer = await newProducer(client);
    const send = (baseSequence: number, count = 3) =>
      produceBatch(
        client,
        place,
        batchOf(
          Array.from({ length: count }, () => ({ value: 'x' })),
          { ...producer, baseSequence },
        ),
      );
    for (let index = 0; index < 6; index++) expect((await send(3 * index)).baseOffset).toBe(3 * index);
    for (let index = 1; index < 6; index++) {
      expect(await send(3 * index)).toMatchObject({ errorCode: 0, baseOffset: 3 * index });
    }
    expect((await offsetOf(client, place, -1)).offset).toBe(18);
  },

  'refuses gaps in the sequence, and batches of an older epoch': async ({ client }) => {
    const place = await topicNamed(client, 'gaps');
    const producer = await newProducer(client);
    const send = async (options: object) =>
      (await produceBatch(client, place, batchOf([{ value: 'x' }], { ...producer, ...options }))).errorCode;
    expect(await send({ baseSequence: 0 })).toBe(0);
    expect(await send({ baseSequence: 2 })).toBe(45);
    expect(await send({ baseSequence: 5, producerEpoch: 1 })).toBe(45);
    expect(await send({ baseSequence: 0, producerEpoch: 1 })).toBe(0);
    expect(await send({ baseSequence: 1 })).toBe(47);
  },
};
