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

interface Claim extends Omit<Claimant, 'memberId'> {
  /** Where its process takes queries. */
  readonly queryUrl?: string | undefined;
}

/** Names of tasks by the URL that their process takes queries at; those of processes without one are missing. */
export type QueryOwners = Readonly<Record<string, readonly string[]>>;

/** Who can be asked for which tasks, in one generation of the group. */
export interface GroupView {
  readonly generationId: number;
  readonly owners: QueryOwners;
}

/** What a member is told beside the topics and partitions of its tasks. */
interface Extras {
  /** The tasks of whose state it keeps copies, by name. */
  readonly standbys: readonly string[];
  readonly owners: QueryOwners;
}

/** Packs what a member holds, for the leader to see. */
export function encodeClaim(topology: Topology, claim: Claim): Buffer {
  return encodeSubscription({
    topics: topology.stages.flatMap(({ topics }) => topics),
    userData: Buffer.from(JSON.stringify(claim)),
  });
}

function decodeClaim({ memberId, metadata }: MemberInfo): Claim & Claimant {
  try {
    const claim = JSON.parse(decodeSubscription(metadata).userData.toString()) as Claim;
    const { owned, generationId, warm = {}, place = memberId, queryUrl } = claim;
    return { memberId, owned, generationId, warm, place, queryUrl };
  } catch {
    // A member of another release: it gets its share, only without regard to what it held.
    return { memberId, owned: [], generationId: -1, warm: {}, place: memberId };
  }
}

/** How many of the members run in this place. */
export const countAt = (place: string, members: readonly MemberInfo[]): number =>
  members.filter((member) => decodeClaim(member).place === place).length;

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
  const owners: Record<string, string[]> = {};
  for (const { memberId, queryUrl } of claimants)
    if (queryUrl !== undefined) (owners[queryUrl] ??= []).push(...assigned.get(memberId)!.map(taskName));
  return new Map(
    [...assigned].map(([memberId, tasks]) => {
      const extras: Extras = { owners, standbys: standbys.get(memberId)!.map(taskName) };
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
  readonly owners: QueryOwners;
}

/** Reads an assignment: of the topics of a stage, which go together, the first says which tasks. */
export function decodeShare(topology: Topology, assignment: Buffer): Share {
  const { assigned, userData } = decodeAssignment(assignment);
  const tasks = assigned.flatMap(({ topic, partitions }) => {
    const stage = topology.stages.findIndex((candidate) => candidate.topic === topic);
    return stage < 0 ? [] : partitions.map((partition) => ({ stage, partition }));
  });
  const { standbys = [], owners = {} } = (
    userData.length === 0 ? {} : JSON.parse(userData.toString())
  ) as Partial<Extras>;
  return { tasks, standbys: standbys.map(parseTaskName), owners };
}
