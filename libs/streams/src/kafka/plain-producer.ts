import { offsetCommitV8 } from '@platformatic/kafka';
import type { Cluster } from './cluster.ts';
import { offsetsByTopic } from './commit-writer.ts';
import type { CommitContent, CommitWriter, EndOffsets } from './commit-writer.ts';
import { produceBatches } from './produce-batches.ts';

/** What a batch says that belongs to no producer. */
const nobody = -1;

/**
 * Writes batches (acks = all), then the offsets, without a transaction: what was written before an error, or before an offset
 * commit that was refused, stays and is written again. At least once.
 */
export class PlainProducer implements CommitWriter {
  readonly isTransactional = false;
  readonly producerId = nobody;
  readonly producerEpoch = nobody;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  takeSequence(): number {
    return nobody;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async commit({ batches, offsets, group }: CommitContent): Promise<EndOffsets> {
    const ends = await produceBatches(this.#cluster, batches, {
      transactionalId: null,
      attempt: (request) => request(),
    });
    if (offsets.length === 0) return ends;
    await this.#cluster.sendToCoordinator(
      { kind: 'group', key: group.groupId, role: 'transaction' },
      offsetCommitV8.api,
      group.groupId,
      group.generationId,
      group.memberId,
      group.instanceId,
      offsetsByTopic(offsets),
    );
    return ends;
  }
}
