import { describeGroupsV5 } from '@platformatic/kafka';
import { StreamsError } from '../errors.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { GroupMember } from '../kafka/group-member.ts';
import type { GroupIdentity } from '../kafka/commit-writer.ts';
import { retrying } from '../kafka/retry.ts';
import { runtimeProtocol } from '../group/group-assignment.ts';
import { encodeSubscription } from '../group/consumer-protocol.ts';

const sessionTimeoutMs = 10_000;

/**
 * Does something in the place of a group's instances: joins it as its only member, so that an instance that starts meanwhile
 * makes what is committed under the identity given to `action` be refused.
 * @throws STREAMS_RUNNING when the group has members
 */
export async function asOnlyMember<T>(
  cluster: Cluster,
  { groupId, signal }: { readonly groupId: string; readonly signal: AbortSignal },
  action: (group: GroupIdentity) => Promise<T>,
): Promise<T> {
  const refuse = (members: number): never => {
    throw new StreamsError(
      'STREAMS_RUNNING',
      `group "${groupId}" has ${members} running instance${members === 1 ? '' : 's'}; stop them first (one that was killed counts until its session has timed out)`,
    );
  };
  const { groups } = await retrying(
    () =>
      cluster.sendToCoordinator(
        { kind: 'group', key: groupId, role: 'group' },
        describeGroupsV5.api,
        [groupId],
        false,
      ),
    { signal },
  );
  const running = groups[0]?.members.length ?? 0;
  if (running > 0) refuse(running);
  let members = 1;
  const member = new GroupMember({
    cluster,
    groupId,
    protocol: runtimeProtocol,
    instanceId: null,
    sessionTimeoutMs,
    rebalanceTimeoutMs: sessionTimeoutMs,
    heartbeatIntervalMs: 1_000,
    signal,
    metadata: () => encodeSubscription({ topics: [], userData: Buffer.alloc(0) }),
    assign: (all) => {
      members = all.length;
      return Promise.resolve(new Map());
    },
    onRejoinNeeded: () => undefined,
  });
  try {
    const { generationId, memberId, isLeader } = await member.join();
    if (members > 1 || !isLeader) refuse(Math.max(1, members - 1));
    return await action({ groupId, generationId, memberId, instanceId: null });
  } finally {
    await member.leave();
  }
}
