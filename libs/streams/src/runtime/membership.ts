import { hostname } from 'node:os';
import { assignMembers, countAt, encodeClaim, runtimeProtocol } from '../group/group-assignment.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { GroupMember } from '../kafka/group-member.ts';
import type { GroupMemberOptions, MemberInfo } from '../kafka/group-member.ts';
import { pause } from '../kafka/retry.ts';
import type { StandbyCopies } from '../state/standby-copies.ts';
import type { Topology } from '../topology/topology.ts';
import type { Prepared } from './preparation.ts';
import type { RuntimeSettings } from './runtime-settings.ts';

/** The workers of one process, which join the group together: tasks that one took first would have to move. */
export interface Siblings {
  /** How many there are, with this one. */
  readonly count: number;
  /** Fulfilled when all of them are about to join. */
  readonly areReady: () => Promise<void>;
}

export interface MembershipOptions extends Pick<GroupMemberOptions, 'signal' | 'onRejoinNeeded' | 'onRetry'> {
  readonly cluster: Cluster;
  readonly topology: Topology;
  readonly prepared: Prepared;
  readonly settings: RuntimeSettings;
  readonly siblings: Siblings | undefined;
  /** The names of the tasks that are held. */
  readonly owned: () => readonly string[];
  readonly standbys: StandbyCopies;
}

/** Between two looks whether another worker of this process has come. */
const lookEveryMs = 5;
/** What may fail with a member as a whole. */
const place = `${hostname()}/${process.pid}`;

/** A worker's membership: what it claims, and how it deals tasks out when it leads. */
export function membership(options: MembershipOptions): GroupMember {
  const { cluster, topology, prepared, settings, siblings, owned, standbys } = options;
  const { signal, onRejoinNeeded, onRetry } = options;
  const partitionsOf = (topic: string) => prepared.partitionCounts.get(topic)!;
  const { groupId, instanceId = null, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs } = settings;
  const claim = () =>
    encodeClaim(topology, {
      owned: owned(),
      generationId: member.generationId,
      warm: standbys.offsets,
      place,
      queryUrl: settings.queryUrl,
    });
  let giveUpMs: number | undefined;
  /**
   * Holds a generation that lacks other workers of this process until the group has heard of them and wants the next one: a group
   * that was empty may wait for nobody. Only at the start, and no longer than heartbeats would take to tell of them.
   */
  const waitForSiblings = async ({ count }: Siblings, members: readonly MemberInfo[]) => {
    giveUpMs ??= performance.now() + heartbeatIntervalMs;
    if (countAt(place, members) >= count) return;
    while (performance.now() < giveUpMs && !signal.aborted && (await member.isCurrent()))
      await pause(lookEveryMs, signal);
  };
  const member: GroupMember = new GroupMember({
    ...{ cluster, groupId, instanceId, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs },
    ...{ signal, onRejoinNeeded },
    ...(onRetry === undefined ? {} : { onRetry }),
    protocol: runtimeProtocol,
    metadata: claim,
    assign: async (members) => {
      if (siblings !== undefined) await waitForSiblings(siblings, members);
      return assignMembers(topology, { partitionsOf, standbys: settings.standbys }, members);
    },
  });
  return member;
}
