import type { Alarm } from '../clock.ts';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

export interface JoinResult {
  readonly errorCode: number;
  readonly memberId: string;
  readonly generationId?: number;
  readonly protocolType?: string | null;
  readonly protocolName?: string | null;
  readonly leader?: string;
  readonly skipAssignment?: boolean;
  readonly members?: { memberId: string; groupInstanceId: string | null; metadata: Buffer }[];
}

export interface SyncResult {
  readonly errorCode: number;
  readonly protocolType?: string | null;
  readonly protocolName?: string | null;
  readonly assignment?: Buffer;
}

export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface Member {
  readonly id: string;
  readonly instanceId: string | null;
  clientId: string;
  clientHost: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocols: readonly Protocol[];
  assignment: Buffer;
  /** Answers the member's JoinGroup, while it waits for the others. */
  joining?: ((result: JoinResult) => void) | undefined;
  /** Answers the member's SyncGroup, while it waits for the leader. */
  syncing?: ((result: SyncResult) => void) | undefined;
  session?: Alarm | undefined;
}

export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestamp: number;
}

/** A committed offset and where in `__consumer_offsets` it stands: of two, the one written later holds. */
export interface KeptOffset extends CommittedOffset {
  readonly recordOffset: number;
}

/** One consumer group of the classic protocol: its members and its offsets. */
export interface Group {
  readonly id: string;
  state: GroupState;
  generation: number;
  protocolType: string | null;
  protocol: string | null;
  leader: string | null;
  /** When it became what it is now. */
  stateSinceMs: number;
  readonly members: Map<string, Member>;
  /** Static members: group.instance.id to member id. */
  readonly instances: Map<string, string>;
  /** Member ids that were given out and not used yet (KIP-394). */
  readonly pending: Map<string, Alarm>;
  rebalance?: Alarm | undefined;
  readonly offsets: OffsetTable;
  /** Offsets in open transactions, by producer id. */
  readonly pendingOffsets: Map<number, OffsetTable>;
}

/** Committed offsets by topic and partition. */
export type OffsetTable = Map<string, Map<number, KeptOffset>>;

export function emptyGroup(id: string, nowMs: number): Group {
  return {
    id,
    state: 'Empty',
    generation: 0,
    protocolType: null,
    protocol: null,
    leader: null,
    stateSinceMs: nowMs,
    members: new Map(),
    instances: new Map(),
    pending: new Map(),
    offsets: new Map(),
    pendingOffsets: new Map(),
  };
}

export function setOffset(
  table: OffsetTable,
  place: { topic: string; partition: number },
  value: KeptOffset | undefined,
): void {
  let partitions = table.get(place.topic);
  if (value === undefined) {
    partitions?.delete(place.partition);
    if (partitions?.size === 0) table.delete(place.topic);
    return;
  }
  if (partitions === undefined) table.set(place.topic, (partitions = new Map()));
  partitions.set(place.partition, value);
}

/** The protocol that most members prefer among those that all of them know; undefined if there is none. */
export function commonProtocol(members: Iterable<Member>): string | undefined {
  const all = [...members];
  const known = (name: string) => all.every((member) => member.protocols.some((p) => p.name === name));
  const votes = new Map<string, number>();
  for (const member of all) {
    const choice = member.protocols.find((protocol) => known(protocol.name))?.name;
    if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

export function metadataOf(member: Member, protocol: string | null): Buffer {
  return member.protocols.find((candidate) => candidate.name === protocol)?.metadata ?? Buffer.alloc(0);
}

/** The topics that a consumer's subscription names; undefined if the bytes are not a subscription. */
export function subscribedTopics(metadata: Buffer): string[] | undefined {
  try {
    let at = 2;
    const count = metadata.readInt32BE(at);
    at += 4;
    const topics: string[] = [];
    for (let index = 0; index < count; index++) {
      const length = metadata.readInt16BE(at);
      topics.push(metadata.toString('utf8', at + 2, at + 2 + length));
      at += 2 + length;
    }
    return topics;
  } catch {
    return undefined;
  }
}
