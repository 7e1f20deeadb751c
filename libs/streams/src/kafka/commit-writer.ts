import type { TopicPartition } from './cluster.ts';
import type { EncodedBatch } from './produce.ts';

export interface GroupIdentity {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly instanceId: string | null;
}

export interface CommitContent {
  /** In the order in which they are to be written; several of one partition are allowed. */
  readonly batches: readonly EncodedBatch[];
  /** The offsets to read from next, each with a note that is kept beside it. */
  readonly offsets: readonly (TopicPartition & { readonly offset: number; readonly metadata: string })[];
  readonly group: GroupIdentity;
}

/** By `topic/partition`: the offset behind the last record that was written; -1 where the broker could not say. */
export type EndOffsets = ReadonlyMap<string, number>;

/** Writes record batches and consumer offsets; what a batch needs of its producer. */
export interface CommitWriter {
  readonly isTransactional: boolean;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The sequence number of a partition's next batch, which holds `count` records. */
  takeSequence(place: TopicPartition, count: number): number;
  /** To be called first, and after an error of `commit` before anything else. */
  init(): Promise<void>;
  commit(content: CommitContent): Promise<EndOffsets>;
}

export function byTopic<T extends TopicPartition>(items: readonly T[]): [string, T[]][] {
  return [...Map.groupBy(items, ({ topic }) => topic)];
}

/** Offsets in the form of OffsetCommit and TxnOffsetCommit. */
export const offsetsByTopic = (offsets: CommitContent['offsets']) =>
  byTopic(offsets).map(([name, some]) => ({
    name,
    partitions: some.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: metadata,
    })),
  }));
