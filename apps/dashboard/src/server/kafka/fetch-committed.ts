import { FetchIsolationLevels, type Consumer } from '@platformatic/kafka';

const MIN_BYTES = 1;
const PARTITION_MAX_BYTES = 1_048_576;
/** No epoch: the leader is asked for, not compared. */
const ANY_EPOCH = -1;

/** What to fetch of one broker, and how long it may wait for something to come. */
export interface FetchWanted {
  /** The broker that leads all of these partitions. */
  readonly node: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number; readonly offset: number }[];
  }[];
}

/** Asks a broker for what has been committed from some offsets on. */
export function fetchCommitted(
  consumer: Consumer,
  { node, maxBytes, maxWaitMs, topics }: FetchWanted,
): ReturnType<Consumer['fetch']> {
  return consumer.fetch({
    node,
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    minBytes: MIN_BYTES,
    maxBytes,
    maxWaitTime: maxWaitMs,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition, offset }) => ({
        partition,
        fetchOffset: BigInt(offset),
        partitionMaxBytes: PARTITION_MAX_BYTES,
        currentLeaderEpoch: ANY_EPOCH,
        lastFetchedEpoch: ANY_EPOCH,
      })),
    })),
  });
}
