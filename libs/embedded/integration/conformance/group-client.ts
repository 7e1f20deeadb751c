import { joinGroup, syncGroup } from '../../src/broker/protocol/messages/index.ts';
import { awaitCoordinator, patiently } from '../transaction-client.ts';
import type { WireClient } from '../wire-client.ts';

export interface JoinOptions {
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly protocolType?: string;
  readonly protocols?: readonly { name: string; metadata: Buffer }[];
  readonly version?: number;
}

const MEMBER_ID_REQUIRED = 79;

/** A consumer's subscription: version 0, topics, no user data. */
export function subscription(...topics: string[]): Buffer {
  const names = topics.map((topic) => Buffer.concat([Buffer.from([0, topic.length]), Buffer.from(topic)]));
  return Buffer.concat([Buffer.from([0, 0, 0, 0, 0, topics.length]), ...names, Buffer.from([0, 0, 0, 0])]);
}

/** One JoinGroup request. */
export function join(client: WireClient, groupId: string, options: JoinOptions = {}) {
  const request = {
    groupId,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 30_000,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 30_000,
    memberId: options.memberId ?? '',
    groupInstanceId: options.groupInstanceId ?? null,
    protocolType: options.protocolType ?? 'consumer',
    protocols: options.protocols ?? [{ name: 'range', metadata: subscription('some-topic') }],
  };
  return patiently(
    () => client.call(joinGroup, request, options.version),
    (answer) => answer.errorCode,
  );
}

/** Joins as a new member, with a second request once the id is known. */
export async function joinAsNew(client: WireClient, groupId: string, options: JoinOptions = {}) {
  await awaitCoordinator(client, groupId, 0);
  const first = await join(client, groupId, options);
  if (first.errorCode !== MEMBER_ID_REQUIRED) return first;
  return join(client, groupId, { ...options, memberId: first.memberId });
}

/** Assigns, as the leader, or asks for the own assignment. */
export function sync(
  client: WireClient,
  groupId: string,
  member: { memberId: string; generationId: number; groupInstanceId?: string | null },
  assignments: Readonly<Record<string, string>> = {},
) {
  const list = Object.entries(assignments).map(([memberId, text]) => ({
    memberId,
    assignment: Buffer.from(text),
  }));
  const { memberId, generationId, groupInstanceId = null } = member;
  return client.call(syncGroup, {
    groupId,
    generationId,
    memberId,
    groupInstanceId,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: list,
  });
}

/** The only member of a stable group. */
export async function joinAlone(client: WireClient, groupId: string, options: JoinOptions = {}) {
  const { memberId, generationId } = await joinAsNew(client, groupId, options);
  const { groupInstanceId = null } = options;
  await sync(client, groupId, { memberId, generationId, groupInstanceId }, { [memberId]: 'all' });
  return { memberId, generationId };
}
