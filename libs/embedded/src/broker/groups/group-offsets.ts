import type { Producer } from '../log/keyed-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { TopicStore } from '../topics/topic-store.ts';
import type { GroupStore, OffsetChange } from './group-store.ts';
import { metadataOf, subscribedTopics, type Group } from './group.ts';
import type { Membership } from './membership.ts';

/** Kafka's `offset.metadata.max.bytes`. */
export const MAX_OFFSET_METADATA_BYTES = 4096;

export interface CommitRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly committedOffset: number;
      readonly committedLeaderEpoch: number;
      readonly committedMetadata: string | null;
    }[];
  }[];
}

export interface CommitResult {
  name: string;
  partitions: { partitionIndex: number; errorCode: number }[];
}

export interface FetchedOffset {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

/** Committing, fetching and deleting the offsets of groups. */
export class GroupOffsets {
  readonly #store: GroupStore;
  readonly #membership: Membership;
  readonly #topics: TopicStore;
  readonly #now: () => number;

  constructor(options: { store: GroupStore; membership: Membership; topics: TopicStore; now: () => number }) {
    this.#store = options.store;
    this.#membership = options.membership;
    this.#topics = options.topics;
    this.#now = options.now;
  }

  /** Commits offsets if the member may; inside the producer's transaction if one is given. */
  commit(request: CommitRequest, transaction?: Producer): CommitResult[] {
    const refused = this.#mayCommit(request, transaction !== undefined);
    const changes: OffsetChange[] = [];
    const results = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => {
        const { partitionIndex, committedMetadata } = partition;
        const metadata = committedMetadata ?? '';
        let errorCode = refused;
        if (errorCode === ErrorCode.none) errorCode = this.#placeFault(name, partitionIndex, metadata);
        if (errorCode === ErrorCode.none) {
          const value = {
            offset: partition.committedOffset,
            leaderEpoch: partition.committedLeaderEpoch,
            metadata,
            commitTimestamp: this.#now(),
          };
          changes.push({ topic: name, partition: partitionIndex, value });
        }
        return { partitionIndex, errorCode };
      }),
    }));
    if (changes.length > 0)
      this.#store.saveOffsets(this.#store.getOrCreate(request.groupId), changes, transaction);
    return results;
  }

  /** The committed offsets of the topics asked for; of all topics if null. Those in open transactions count as unstable. */
  fetch(
    groupId: string,
    topics: readonly { name: string; partitionIndexes: readonly number[] }[] | null,
    requireStable: boolean,
  ): { name: string; partitions: FetchedOffset[] }[] {
    const group = this.#store.get(groupId);
    const wanted =
      topics ??
      [...(group?.offsets ?? [])].map(([name, partitions]) => ({
        name,
        partitionIndexes: [...partitions.keys()],
      }));
    return wanted.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        const nothing = { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '' };
        if (requireStable && group !== undefined && isPending(group, name, partitionIndex)) {
          return { ...nothing, errorCode: ErrorCode.unstableOffsetCommit };
        }
        const found = group?.offsets.get(name)?.get(partitionIndex);
        if (found === undefined) return { ...nothing, errorCode: ErrorCode.none };
        return {
          partitionIndex,
          committedOffset: found.offset,
          committedLeaderEpoch: found.leaderEpoch,
          metadata: found.metadata,
          errorCode: ErrorCode.none,
        };
      }),
    }));
  }

  /** Removes offsets of topics that no member is subscribed to. */
  delete(
    group: Group,
    topics: readonly { name: string; partitions: readonly number[] }[],
  ): { name: string; partitions: { partitionIndex: number; errorCode: number }[] }[] {
    const subscribed = new Set(
      [...group.members.values()].flatMap(
        (member) => subscribedTopics(metadataOf(member, group.protocol)) ?? [],
      ),
    );
    const changes: OffsetChange[] = [];
    const results = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partitionIndex) => {
        let errorCode: number = ErrorCode.none;
        if (subscribed.has(name)) errorCode = ErrorCode.groupSubscribedToTopic;
        else if (this.#topics.log(name, partitionIndex) === undefined)
          errorCode = ErrorCode.unknownTopicOrPartition;
        else if (group.offsets.get(name)?.has(partitionIndex)) {
          changes.push({ topic: name, partition: partitionIndex, value: undefined });
        }
        return { partitionIndex, errorCode };
      }),
    }));
    this.#store.saveOffsets(group, changes);
    return results;
  }

  /** Forgets the offsets of a topic that was deleted. */
  forgetTopic(name: string): void {
    for (const group of this.#store.groups.values()) {
      const partitions = group.offsets.get(name);
      if (partitions === undefined) continue;
      const gone = [...partitions.keys()].map((partition) => ({ topic: name, partition, value: undefined }));
      this.#store.saveOffsets(group, gone);
    }
  }

  /** Removes offsets of empty groups that were committed before `beforeMs`, and groups that then have none. */
  expire(beforeMs: number): void {
    for (const group of [...this.#store.groups.values()]) {
      if (group.state !== 'Empty' || group.pending.size > 0 || group.stateSinceMs >= beforeMs) continue;
      const old: OffsetChange[] = [];
      for (const [topic, partitions] of group.offsets) {
        for (const [partition, { commitTimestamp }] of partitions) {
          if (commitTimestamp < beforeMs) old.push({ topic, partition, value: undefined });
        }
      }
      this.#store.saveOffsets(group, old);
      if (group.offsets.size === 0 && group.pendingOffsets.size === 0) this.#store.delete(group);
    }
  }

  #mayCommit(request: CommitRequest, transactional: boolean): number {
    const group = this.#store.get(request.groupId);
    const anonymous = request.generationId < 0 && request.memberId === '' && request.groupInstanceId === null;
    if (anonymous) {
      // Transactional producers of before KIP-447 do not say who they are; others must be alone with the group.
      if (transactional || group === undefined || group.members.size === 0) return ErrorCode.none;
      return ErrorCode.unknownMemberId;
    }
    if (group === undefined) {
      return request.generationId < 0 ? ErrorCode.none : ErrorCode.illegalGeneration;
    }
    const errorCode = this.#membership.check(request);
    if (errorCode !== ErrorCode.none) return errorCode;
    // The member has joined a generation whose assignment it does not know yet.
    return !transactional && group.state === 'CompletingRebalance'
      ? ErrorCode.rebalanceInProgress
      : ErrorCode.none;
  }

  #placeFault(topic: string, partition: number, metadata: string): number {
    if (this.#topics.log(topic, partition) === undefined) return ErrorCode.unknownTopicOrPartition;
    return Buffer.byteLength(metadata) > MAX_OFFSET_METADATA_BYTES
      ? ErrorCode.offsetMetadataTooLarge
      : ErrorCode.none;
  }
}

function isPending(group: Group, topic: string, partition: number): boolean {
  for (const table of group.pendingOffsets.values()) if (table.get(topic)?.has(partition)) return true;
  return false;
}
