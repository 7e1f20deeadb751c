import type { Topology } from '../topology/topology.ts';
import type { MemberInfo } from '../kafka/group-member.ts';
import { assignTasks } from './assignment.ts';
import type { Claimant, TaskId } from './assignment.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts';

/** The group protocol's name: instances of releases that cannot share work do not join one group. */
export const runtimeProtocol = 'millrace-1';

interface Claim {
  readonly owned: readonly string[];
  readonly generationId: number;
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
    const { owned, generationId } = JSON.parse(decodeSubscription(metadata).userData.toString()) as Claim;
    return { memberId, owned, generationId };
  } catch {
    // A member of another release: it gets its share, only without regard to what it held.
    return { memberId, owned: [], generationId: -1 };
  }
}

/** The leader's part of a rebalance: each member's tasks, as topics and partitions that Kafka's tools can show. */
export function assignMembers(
  topology: Topology,
  partitionsOf: (topic: string) => number,
  members: readonly MemberInfo[],
): Map<string, Buffer> {
  const counts = topology.stages.map(({ topic }) => partitionsOf(topic));
  const assigned = assignTasks(counts, members.map(decodeClaim));
  return new Map(
    [...assigned].map(([memberId, tasks]) => [memberId, encodeAssignment(topicsOf(topology, tasks))]),
  );
}

function topicsOf(topology: Topology, tasks: readonly TaskId[]) {
  return [...Map.groupBy(tasks, ({ stage }) => stage)].flatMap(([stage, some]) => {
    const partitions = some.map(({ partition }) => partition).sort((a, b) => a - b);
    return topology.stages[stage]!.topics.map((topic) => ({ topic, partitions }));
  });
}

/** The tasks that belong to an assignment: of the topics of a stage, which go together, the first says which. */
export function decodeTasks(topology: Topology, assignment: Buffer): TaskId[] {
  return decodeAssignment(assignment).flatMap(({ topic, partitions }) => {
    const stage = topology.stages.findIndex((candidate) => candidate.topic === topic);
    return stage < 0 ? [] : partitions.map((partition) => ({ stage, partition }));
  });
}
