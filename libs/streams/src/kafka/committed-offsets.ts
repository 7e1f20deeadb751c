import { offsetFetchV8 } from '@platformatic/kafka';
import type { Cluster, TopicPartition } from './cluster.ts';

export interface CommittedOffset extends TopicPartition {
  /** -1 when there is none. */
  readonly offset: number;
  readonly metadata: string;
}

/**
 * A group's committed offsets. `stable` refuses (UNSTABLE_OFFSET_COMMIT, to be asked again) while an open transaction may still
 * change them.
 */
export async function committedOffsets(
  cluster: Cluster,
  request: {
    readonly groupId: string;
    readonly partitions: readonly TopicPartition[];
    readonly stable: boolean;
  },
): Promise<CommittedOffset[]> {
  const { groupId, partitions, stable } = request;
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, some]) => ({
    name,
    partitionIndexes: some.map(({ partition }) => partition),
  }));
  const { groups } = await cluster.sendToCoordinator(
    { kind: 'group', key: groupId, role: 'heartbeat' },
    offsetFetchV8.api,
    [{ groupId, memberId: null, memberEpoch: -1, topics }],
    stable,
  );
  return (groups[0]?.topics ?? []).flatMap(({ name, partitions: some }) =>
    some.map(({ partitionIndex, committedOffset, metadata }) => ({
      topic: name,
      partition: partitionIndex,
      offset: Number(committedOffset),
      metadata: metadata ?? '',
    })),
  );
}
