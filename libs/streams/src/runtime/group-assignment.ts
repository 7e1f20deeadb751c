import type { Topology } from '../topology/topology.ts';
import type { MemberInfo } from '../kafka/group-member.ts';
import { assignTasks, parseTaskName, taskName } from './assignment.ts';
import type { Claimant, TaskId } from './assignment.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts';
import { assignStandbys } from './standby-assignment.ts';

/** The group protocol's name: instances of releases that cannot share work do not join one group. */
export const runtimeProtocol = 'millrace-1';

type Claim = Omit<Claimant, 'memberId'>;

/** What a member is told beside the topics and partitions of its tasks. */
interface Extras {
  /** The tasks of whose state it keeps copies, by name. */
  readonly standbys: readonly string[];
}

/** Packs what a member holds, for the leader to see. */
export function encodeClaim(topology: Topology, claim: Claim): Buffer {
  return encodeSubscription({
    topics: topology.stages.flatMap(({ topics }) => topics),
    userData: Buffer.from(JSON.stringify(claim)),
  });
}

function decodeClaim({ memberId, metadata }: MemberInfo): Claimant {
  try {
    const claim = JSON.parse(decodeSubscription(metadata).userData.toString()) as Claim;
    const { owned, generationId, warm = {}, place = memberId } = claim;
    return { memberId, owned, generationId, warm, place };
  } catch {
    // A member of another release: it gets its share, only without regard to what it held.
    return { memberId, owned: [], generationId: -1, warm: {}, place: memberId };
  }
}

/** The leader's part of a rebalance: each member's tasks, as topics and partitions that Kafka's tools can show, and its copies. */
export function assignMembers(
  topology: Topology,
  how: { readonly partitionsOf: (topic: string) => number; readonly standbys: number },
  members: readonly MemberInfo[],
): Map<string, Buffer> {
  const counts = topology.stages.map(({ topic }) => how.partitionsOf(topic));
  const claimants = members.map(decodeClaim);
  const assigned = assignTasks(counts, claimants);
  const standbys = assignStandbys(assigned, claimants, how.standbys);
  return new Map(
    [...assigned].map(([memberId, tasks]) => {
      const extras: Extras = { standbys: standbys.get(memberId)!.map(taskName) };
      return [memberId, encodeAssignment(topicsOf(topology, tasks), Buffer.from(JSON.stringify(extras)))];
    }),
  );
}

function topicsOf(topology: Topology, tasks: readonly TaskId[]) {
  return [...Map.groupBy(tasks, ({ stage }) => stage)].flatMap(([stage, some]) => {
    const partitions = some.map(({ partition }) => partition).sort((a, b) => a - b);
    return topology.stages[stage]!.topics.map((topic) => ({ topic, partitions }));
  });
}

/** What a member is to do. */
export interface Share {
  readonly tasks: readonly TaskId[];
  /** The tasks of whose state it keeps copies. */
  readonly standbys: readonly TaskId[];
}

/** Reads an assignment: of the topics of a stage, which go together, the first says which tasks. */
export function decodeShare(topology: Topology, assignment: Buffer): Share {
  const { assigned, userData } = decodeAssignment(assignment);
  const tasks = assigned.flatMap(({ topic, partitions }) => {
    const stage = topology.stages.findIndex((candidate) => candidate.topic === topic);
    return stage < 0 ? [] : partitions.map((partition) => ({ stage, partition }));
  });
  const { standbys = [] } = (userData.length === 0 ? {} : JSON.parse(userData.toString())) as Partial<Extras>;
  return { tasks, standbys: standbys.map(parseTaskName) };
}
