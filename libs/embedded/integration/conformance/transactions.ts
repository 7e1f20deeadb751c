import { expect } from '@jest/globals';
import { initProducerId, offsetFetch } from '../../src/broker/protocol/messages/index.ts';
import {
  batchOf,
  createTopic,
  eventually,
  fetchFrom,
  offsetOf,
  produceBatch,
  readAll,
} from '../log-client.ts';
import {
  addPartition,
  commitInTransaction,
  endTransaction,
  initTransactions,
  type Identity,
} from '../transaction-client.ts';
import type { WireClient } from '../wire-client.ts';
import type { Cases } from './suite.ts';
import { freshName } from './target.ts';
import { joinAlone } from './group-client.ts';

async function begin(client: WireClient, options: { timeoutMs?: number } = {}) {
  const topic = freshName('transactional');
  expect(await createTopic(client, topic)).toBe(0);
  const who = await initTransactions(client, freshName('id'), options);
  expect(who.errorCode).toBe(0);
  return { topic, who };
}

function send(
  client: WireClient,
  who: Identity,
  place: { topic: string; value: string; baseSequence: number },
) {
  const batch = batchOf([{ value: place.value }], {
    ...who,
    transactional: true,
    baseSequence: place.baseSequence,
  });
  return produceBatch(client, place, batch, { transactionalId: who.transactionalId });
}

async function groupOffset(client: WireClient, groupId: string, topic: string) {
  const topics = [{ name: topic, partitionIndexes: [0] }];
  const answer = await client.call(offsetFetch, { groups: [{ groupId, topics }], requireStable: true });
  const { errorCode, committedOffset } = answer.groups[0]!.topics[0]!.partitions[0]!;
  return [errorCode, committedOffset];
}

/** Apache Kafka writes the markers of a transaction after it has acknowledged its end. */
async function allDecided(client: WireClient, topic: string): Promise<void> {
  await eventually(
    () => fetchFrom(client, { topic }, { committedOnly: true }),
    (part) => part.lastStableOffset === part.highWatermark,
  );
}

/** Fenced producers are told so by one of two errors, which clients treat alike. */
const FENCED = [47, 90];

export const transactionCases: Cases = {
  'hides records of an open transaction from consumers of committed ones': async ({ client }) => {
    const { topic, who } = await begin(client);
    await produceBatch(client, { topic }, batchOf([{ value: 'before' }]));
    expect(await addPartition(client, who, topic)).toBe(0);
    expect(await send(client, who, { topic, value: 'inside', baseSequence: 0 })).toMatchObject({
      baseOffset: 1,
    });
    await produceBatch(client, { topic }, batchOf([{ value: 'after' }]));
    const open = await readAll(client, { topic }, { committedOnly: true });
    expect(open.records.map((record) => record.value)).toEqual(['before']);
    expect((await readAll(client, { topic })).records).toHaveLength(3);
    expect((await offsetOf(client, { topic }, -1, { committedOnly: true })).offset).toBe(1);
    expect(await fetchFrom(client, { topic }, { committedOnly: true })).toMatchObject({
      lastStableOffset: 1,
      highWatermark: 3,
    });
    expect(await endTransaction(client, who, true)).toBe(0);
    await allDecided(client, topic);
    const { records, nextOffset } = await readAll(client, { topic }, { committedOnly: true });
    expect(records.map((record) => record.value)).toEqual(['before', 'inside', 'after']);
    expect(nextOffset).toBe(4);
  },

  'lists aborted transactions to consumers of committed records': async ({ client }) => {
    const { topic, who } = await begin(client);
    await addPartition(client, who, topic);
    await send(client, who, { topic, value: 'given up', baseSequence: 0 });
    expect(await endTransaction(client, who, false)).toBe(0);
    await addPartition(client, who, topic);
    await send(client, who, { topic, value: 'kept', baseSequence: 1 });
    expect(await endTransaction(client, who, true)).toBe(0);
    await allDecided(client, topic);
    const part = await fetchFrom(client, { topic }, { committedOnly: true });
    expect(part.abortedTransactions).toEqual([{ producerId: who.producerId, firstOffset: 0 }]);
    const { records } = await readAll(client, { topic }, { committedOnly: true });
    expect(records.map((record) => [record.offset, record.value])).toEqual([[2, 'kept']]);
    expect(
      (await fetchFrom(client, { topic }, { offset: 2, committedOnly: true })).abortedTransactions,
    ).toEqual([]);
  },

  'fences whoever had the transactional id before, and aborts its transaction': async ({ client }) => {
    const { topic, who } = await begin(client);
    await addPartition(client, who, topic);
    await send(client, who, { topic, value: 'lost', baseSequence: 0 });
    const next = await initTransactions(client, who.transactionalId);
    expect(next.errorCode).toBe(0);
    expect(next.producerId !== who.producerId || next.producerEpoch > who.producerEpoch).toBe(true);
    expect(FENCED).toContain(await addPartition(client, who, topic));
    expect(FENCED).toContain(
      (await send(client, who, { topic, value: 'zombie', baseSequence: 1 })).errorCode,
    );
    expect(FENCED).toContain(await endTransaction(client, who, true));
    expect(await addPartition(client, next, topic)).toBe(0);
    await send(client, next, { topic, value: 'new', baseSequence: 0 });
    expect(await endTransaction(client, next, true)).toBe(0);
    await allDecided(client, topic);
    const { records } = await readAll(client, { topic }, { committedOnly: true });
    expect(records.map((record) => record.value)).toEqual(['new']);
  },

  'refuses an outdated producer that wants its epoch raised': async ({ client }) => {
    const { who } = await begin(client);
    const raise = (producerEpoch: number) =>
      client.call(initProducerId, { ...who, producerEpoch, transactionTimeoutMs: 60_000 }, 4);
    const raised = await raise(who.producerEpoch);
    expect(raised.errorCode).toBe(0);
    expect(raised.producerEpoch).toBeGreaterThan(who.producerEpoch);
    // The same request again, because its answer was lost: the same answer again.
    expect((await raise(who.producerEpoch)).producerEpoch).toBe(raised.producerEpoch);
    expect((await raise(raised.producerEpoch)).errorCode).toBe(0);
    expect((await raise(who.producerEpoch)).errorCode).toBe(90);
  },

  'ends a transaction once, however often it is asked, and never the other way': async ({ client }) => {
    const { topic, who } = await begin(client);
    expect(await endTransaction(client, who, true)).toBe(48);
    await addPartition(client, who, topic);
    await send(client, who, { topic, value: 'x', baseSequence: 0 });
    expect(await endTransaction(client, who, true)).toBe(0);
    expect(await endTransaction(client, who, true)).toBe(0);
    expect(await endTransaction(client, who, false)).toBe(48);
    await allDecided(client, topic);
    expect((await offsetOf(client, { topic }, -1)).offset).toBe(2);
  },

  'takes transactional records only for partitions that were announced': async ({ client }) => {
    const { topic, who } = await begin(client);
    const batch = batchOf([{ value: 'x' }], { ...who, transactional: true, baseSequence: 0 });
    const errorIn = async (version: number) =>
      (
        await produceBatch(client, { topic }, Buffer.from(batch), {
          transactionalId: who.transactionalId,
          version,
        })
      ).errorCode;
    expect(await errorIn(9)).toBe(48);
    expect(await errorIn(11)).toBe(120);
    expect(await addPartition(client, who, freshName('missing'))).toBe(3);
  },

  'aborts a transaction that takes longer than its producer allowed': async ({ client }) => {
    const { topic, who } = await begin(client, { timeoutMs: 1_000 });
    await addPartition(client, who, topic);
    await send(client, who, { topic, value: 'slow', baseSequence: 0 });
    for (;;) {
      const { lastStableOffset } = await fetchFrom(client, { topic }, { offset: 0, committedOnly: true });
      if (lastStableOffset === 2) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await readAll(client, { topic }, { committedOnly: true })).records).toEqual([]);
    expect(FENCED).toContain(await endTransaction(client, who, true));
  },

  'refuses transaction timeouts that are too long or none': async ({ client }) => {
    const transactionalId = freshName('timeouts');
    expect((await initTransactions(client, transactionalId, { timeoutMs: 900_001 })).errorCode).toBe(50);
    expect((await initTransactions(client, transactionalId, { timeoutMs: 0 })).errorCode).toBe(50);
  },

  'commits offsets with the transaction, and calls them unstable until then': async ({ client }) => {
    const { topic, who } = await begin(client);
    const groupId = freshName('offsets');
    expect(await commitInTransaction(client, who, { groupId, topic, offset: 5 })).toBe(0);
    expect(await groupOffset(client, groupId, topic)).toEqual([88, -1]);
    expect(await endTransaction(client, who, true)).toBe(0);
    for (let attempt = 0; attempt < 100 && (await groupOffset(client, groupId, topic))[0] === 88; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await groupOffset(client, groupId, topic)).toEqual([0, 5]);
    expect(await commitInTransaction(client, who, { groupId, topic, offset: 9 })).toBe(0);
    expect(await endTransaction(client, who, false)).toBe(0);
    for (let attempt = 0; attempt < 100 && (await groupOffset(client, groupId, topic))[0] === 88; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await groupOffset(client, groupId, topic)).toEqual([0, 5]);
  },

  'takes offsets in a transaction only from members of the present generation': async ({
    client,
    connect,
  }) => {
    const { topic, who } = await begin(client);
    const groupId = freshName('generations');
    const { memberId, generationId } = await joinAlone(await connect(), groupId);
    const commit = (member: object) =>
      commitInTransaction(client, who, { groupId, topic, offset: 1, ...member });
    expect(await commit({ memberId, generationId })).toBe(0);
    expect(await commit({ memberId, generationId: generationId - 1 })).toBe(22);
    expect(await commit({ memberId, generationId: generationId + 1 })).toBe(22);
    expect(await commit({ memberId: 'somebody', generationId })).toBe(25);
    expect(await endTransaction(client, who, false)).toBe(0);
  },
};
