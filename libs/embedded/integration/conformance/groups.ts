import { expect } from '@jest/globals';
import {
  deleteGroups,
  describeGroups,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  offsetCommit,
  offsetDelete,
  offsetFetch,
} from '../../src/broker/protocol/messages/index.ts';
import { createTopic } from '../log-client.ts';
import type { WireClient } from '../wire-client.ts';
import { join, joinAlone, joinAsNew, subscription, sync } from './group-client.ts';
import type { Cases } from './suite.ts';
import { freshName } from './target.ts';

interface MemberOf {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
  readonly groupInstanceId?: string | null;
}

async function beat(client: WireClient, member: MemberOf): Promise<number> {
  return (await client.call(heartbeat, { groupInstanceId: null, ...member })).errorCode;
}

async function leave(
  client: WireClient,
  groupId: string,
  who: { memberId: string; groupInstanceId?: string | null },
) {
  const answer = await client.call(leaveGroup, { groupId, members: [{ groupInstanceId: null, ...who }] });
  return answer.members[0]!.errorCode;
}

async function commit(
  client: WireClient,
  member: MemberOf,
  place: { topic: string; offset: number; metadata?: string },
) {
  const partitions = [
    { partitionIndex: 0, committedOffset: place.offset, committedMetadata: place.metadata ?? 'note' },
  ];
  const answer = await client.call(offsetCommit, { ...member, topics: [{ name: place.topic, partitions }] });
  return answer.topics[0]!.partitions[0]!.errorCode;
}

async function state(client: WireClient, groupId: string) {
  const { groups } = await client.call(describeGroups, { groups: [groupId] });
  return groups[0]!;
}

async function newTopic(client: WireClient): Promise<string> {
  const topic = freshName('read');
  await createTopic(client, topic);
  return topic;
}

const NOBODY = { memberId: '', generationId: -1 };

export const groupCases: Cases = {
  'first gives a member its id, then lets it join as leader of generation 1': async ({ client }) => {
    const groupId = freshName('first');
    const answer = await joinAsNew(client, groupId);
    expect(answer).toMatchObject({
      errorCode: 0,
      generationId: 1,
      protocolName: 'range',
      leader: answer.memberId,
    });
    expect(answer.members.map((member) => member.memberId)).toEqual([answer.memberId]);
    expect((await sync(client, groupId, answer, { [answer.memberId]: 'mine' })).assignment.toString()).toBe(
      'mine',
    );
    expect(await beat(client, { groupId, ...answer })).toBe(0);
    expect(await state(client, groupId)).toMatchObject({
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
    });
  },

  'lets members of older versions join at once': async ({ client }) => {
    const groupId = freshName('old');
    await joinAsNew(client, groupId);
    for (const version of [2, 3]) {
      const answer = await join(client, freshName('old'), { version });
      expect([version, answer.errorCode, answer.generationId]).toEqual([version, 0, 1]);
    }
  },

  'asks everybody to join anew when a member comes, and when one goes': async ({ client, connect }) => {
    const groupId = freshName('two');
    const first = await joinAlone(client, groupId);
    const other = await connect();
    const coming = joinAsNew(other, groupId);
    while ((await beat(client, { groupId, ...first })) !== 27)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const again = await join(client, groupId, { memberId: first.memberId });
    const second = await coming;
    expect(second.errorCode).toBe(0);
    expect([again.generationId, second.generationId]).toEqual([2, 2]);
    expect(again.leader).toBe(first.memberId);
    expect(second.members).toEqual([]);
    expect(again.members.map((member) => member.memberId).sort()).toEqual(
      [first.memberId, second.memberId].sort(),
    );
    const waiting = sync(other, groupId, second);
    await sync(client, groupId, again, { [first.memberId]: 'one', [second.memberId]: 'two' });
    expect((await waiting).assignment.toString()).toBe('two');
    expect(await leave(other, groupId, second)).toBe(0);
    expect(await beat(client, { groupId, ...again })).toBe(27);
    expect((await join(client, groupId, { memberId: first.memberId })).generationId).toBe(3);
  },

  'gives a member that joins unchanged the generation that there is': async ({ client, connect }) => {
    const groupId = freshName('unchanged');
    const first = await joinAlone(client, groupId);
    const other = await connect();
    const coming = joinAsNew(other, groupId);
    while ((await beat(client, { groupId, ...first })) !== 27)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const leader = await join(client, groupId, { memberId: first.memberId });
    const follower = await coming;
    const syncing = sync(other, groupId, follower);
    await sync(client, groupId, leader, {});
    await syncing;
    expect((await join(other, groupId, { memberId: follower.memberId })).generationId).toBe(2);
    expect(await beat(client, { groupId, ...leader })).toBe(0);
  },

  'refuses strangers, other generations, and groups without a name': async ({ client }) => {
    const groupId = freshName('strict');
    const member = await joinAlone(client, groupId);
    expect(await beat(client, { groupId, memberId: 'stranger', generationId: 1 })).toBe(25);
    expect(await beat(client, { groupId, ...member, generationId: 7 })).toBe(22);
    expect((await sync(client, groupId, { ...member, generationId: 7 })).errorCode).toBe(22);
    expect((await sync(client, groupId, { memberId: 'stranger', generationId: 1 })).errorCode).toBe(25);
    expect((await join(client, groupId, { memberId: 'stranger' })).errorCode).toBe(25);
    expect((await join(client, '')).errorCode).toBe(24);
    expect(await leave(client, groupId, { memberId: 'stranger' })).toBe(25);
  },

  'refuses protocols that the others do not know, and session timeouts out of bounds': async ({
    client,
    connect,
  }) => {
    const groupId = freshName('protocols');
    await joinAlone(client, groupId);
    const other = await connect();
    const foreign = [{ name: 'other', metadata: Buffer.from('x') }];
    expect((await join(other, groupId, { protocols: foreign })).errorCode).toBe(23);
    expect((await join(other, groupId, { protocolType: 'connect' })).errorCode).toBe(23);
    expect((await join(other, groupId, { protocols: [] })).errorCode).toBe(23);
    expect((await join(other, freshName('short'), { sessionTimeoutMs: 10 })).errorCode).toBe(26);
    expect((await join(other, freshName('long'), { sessionTimeoutMs: 1_800_001 })).errorCode).toBe(26);
  },

  'takes out a member that has been silent longer than its session timeout': async ({ client }) => {
    const groupId = freshName('silent');
    const member = await joinAlone(client, groupId, { sessionTimeoutMs: 6_000 });
    expect((await state(client, groupId)).groupState).toBe('Stable');
    while ((await state(client, groupId)).groupState !== 'Empty')
      await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await beat(client, { groupId, ...member })).toBe(25);
  },

  'lets a static member come back without a rebalance, and fences its former self': async ({
    client,
    connect,
  }) => {
    const groupId = freshName('static');
    const groupInstanceId = 'instance-1';
    const first = await joinAlone(client, groupId, { groupInstanceId });
    const other = await connect();
    const back = await joinAsNew(other, groupId, { groupInstanceId });
    expect(back).toMatchObject({ errorCode: 0, generationId: 1 });
    expect(back.memberId).not.toBe(first.memberId);
    const member = { groupId, groupInstanceId };
    expect(await beat(client, { ...member, ...first })).toBe(82);
    expect(await beat(other, { ...member, ...back })).toBe(0);
    const own = await sync(other, groupId, { ...back, groupInstanceId });
    expect(own.assignment.toString()).toBe('all');
    expect(await leave(client, groupId, { memberId: '', groupInstanceId })).toBe(0);
    expect((await state(client, groupId)).members).toEqual([]);
  },

  'keeps offsets and their notes, and takes them from members of the present generation only': async ({
    client,
  }) => {
    const topic = await newTopic(client);
    const groupId = freshName('commits');
    const member = { groupId, ...(await joinAlone(client, groupId)) };
    expect(await commit(client, member, { topic, offset: 42 })).toBe(0);
    expect(await commit(client, { ...member, generationId: 9 }, { topic, offset: 1 })).toBe(22);
    expect(
      await commit(client, { groupId, memberId: 'stranger', generationId: 1 }, { topic, offset: 1 }),
    ).toBe(25);
    expect(await commit(client, { groupId, ...NOBODY }, { topic, offset: 1 })).toBe(25);
    expect(await commit(client, member, { topic, offset: 43, metadata: 'x'.repeat(4097) })).toBe(12);
    for (let version = 1; version <= 7; version++) {
      const topics = [{ name: topic, partitionIndexes: [0, 5] }];
      const [one] = (await client.call(offsetFetch, { groupId, topics }, version)).topics;
      expect(one!.partitions[0]).toMatchObject({ committedOffset: 42, metadata: 'note', errorCode: 0 });
      expect(one!.partitions[1]).toMatchObject({ committedOffset: -1, errorCode: 0 });
    }
    const all = await client.call(offsetFetch, { groups: [{ groupId, topics: null }] });
    expect(all.groups[0]!.topics.map((one) => one.name)).toEqual([topic]);
  },

  'takes offsets of a group that nobody is in from anybody': async ({ client }) => {
    const topic = await newTopic(client);
    const groupId = freshName('simple');
    await joinAsNew(client, freshName('warm'));
    for (let version = 2; version <= offsetCommit.versions[1]; version++) {
      const partitions = [{ partitionIndex: 0, committedOffset: version, committedMetadata: null }];
      const answer = await client.call(
        offsetCommit,
        { groupId, ...NOBODY, topics: [{ name: topic, partitions }] },
        version,
      );
      expect([version, answer.topics[0]!.partitions[0]!.errorCode]).toEqual([version, 0]);
    }
    expect(await commit(client, { groupId, ...NOBODY }, { topic: freshName('missing'), offset: 1 })).toBe(3);
    expect((await state(client, groupId)).groupState).toBe('Empty');
  },

  'lists groups by state, and deletes those that are empty': async ({ client }) => {
    const topic = await newTopic(client);
    const empty = freshName('empty');
    const full = freshName('full');
    const missing = freshName('missing');
    await joinAlone(client, full);
    await commit(client, { groupId: empty, ...NOBODY }, { topic, offset: 1 });
    const names = async (...statesFilter: string[]) => {
      const { groups } = await client.call(listGroups, { statesFilter });
      return groups.map((group) => group.groupId).filter((name) => name === empty || name === full);
    };
    expect((await names()).sort()).toEqual([empty, full].sort());
    expect(await names('Stable')).toEqual([full]);
    expect(await names('Empty')).toEqual([empty]);
    const answer = await client.call(deleteGroups, { groupNames: [empty, full, missing] });
    const errors = new Map(answer.results.map((result) => [result.groupId, result.errorCode]));
    expect([errors.get(empty), errors.get(full), errors.get(missing)]).toEqual([0, 68, 69]);
    expect(await names()).toEqual([full]);
  },

  'deletes offsets of topics that the group does not read': async ({ client }) => {
    const topic = await newTopic(client);
    const read = await newTopic(client);
    const groupId = freshName('forgetting');
    const protocols = [{ name: 'range', metadata: subscription(read) }];
    const member = { groupId, ...(await joinAlone(client, groupId, { protocols })) };
    for (const name of [topic, read])
      expect(await commit(client, member, { topic: name, offset: 3 })).toBe(0);
    const topics = [topic, read].map((name) => ({ name, partitions: [{ partitionIndex: 0 }] }));
    const answer = await client.call(offsetDelete, { groupId, topics });
    const errors = answer.topics.map((one) => [one.name, one.partitions[0]!.errorCode]);
    expect(new Map(errors as [string, number][])).toEqual(
      new Map([
        [topic, 0],
        [read, 86],
      ]),
    );
    const left = await client.call(offsetFetch, { groups: [{ groupId, topics: null }] });
    expect(left.groups[0]!.topics.map((one) => one.name)).toEqual([read]);
  },

  'answers a member that joins again while it waits, and only once': async ({ client }) => {
    const groupId = freshName('again');
    const first = await joinAlone(client, groupId);
    const again = await client.call(joinGroup, {
      groupId,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId: first.memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('another-topic') }],
    });
    expect(again).toMatchObject({ errorCode: 0, generationId: 2 });
  },
};
