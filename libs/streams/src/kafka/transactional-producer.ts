import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  endTxnV3,
  initProducerIdV4,
  txnOffsetCommitV3,
} from '@platformatic/kafka';
import type { API } from '@platformatic/kafka';
import { brokerErrorOf } from './broker-error.ts';
import type { Cluster, TopicPartition } from './cluster.ts';
import type { CommitContent, CommitWriter, EndOffsets } from './commit-writer.ts';
import { byTopic, offsetsByTopic } from './commit-writer.ts';
import { allDone, produceBatches } from './produce-batches.ts';
import type { EncodedBatch } from './produce.ts';
import { retrying } from './retry.ts';

export interface TransactionalProducerOptions {
  readonly cluster: Cluster;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/** `NOT_ENOUGH_REPLICAS` and `COORDINATOR_LOAD_IN_PROGRESS` are what brokers call concurrent transactions to clients of before KIP-890. */
const busy: ReadonlySet<string> = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_ENOUGH_REPLICAS',
]);

/**
 * Writes record batches and consumer offsets in transactions. After any error of `commit` the outcome of that transaction is
 * unknown until `init` has succeeded, which ends it for good: committed if the coordinator had decided so, else aborted.
 * @see https://cwiki.apache.org/confluence/display/KAFKA/KIP-447
 */
export class TransactionalProducer implements CommitWriter {
  readonly isTransactional = true;
  readonly #options: TransactionalProducerOptions;
  readonly #sequences = new Map<string, number>();
  #producerId = -1n;
  #producerEpoch = -1;

  constructor(options: TransactionalProducerOptions) {
    this.#options = options;
  }

  get producerId(): number {
    return Number(this.#producerId);
  }

  get producerEpoch(): number {
    return this.#producerEpoch;
  }

  /** The sequence number of a partition's next batch, which holds `count` records. */
  takeSequence({ topic, partition }: TopicPartition, count: number): number {
    const key = `${topic}/${partition}`;
    const sequence = this.#sequences.get(key) ?? 0;
    // Sequence numbers are 31 bits and go round.
    this.#sequences.set(key, (sequence + count) % 2 ** 31);
    return sequence;
  }

  /** Fences earlier producers of this transactional id and ends their open transaction. */
  async init(): Promise<void> {
    const { cluster, transactionalId, transactionTimeoutMs, signal, onRetry } = this.#options;
    const response = await retrying(
      () =>
        cluster.sendToCoordinator(
          { kind: 'transaction', key: transactionalId, role: 'transaction' },
          initProducerIdV4.api,
          transactionalId,
          transactionTimeoutMs,
          -1n,
          -1,
        ),
      { signal, ...(onRetry === undefined ? {} : { onRetry }) },
    );
    this.#producerId = response.producerId;
    this.#producerEpoch = response.producerEpoch;
    this.#sequences.clear();
  }

  /** One transaction, begun and ended; records and offsets are announced and written side by side. */
  async commit(content: CommitContent): Promise<EndOffsets> {
    const producing = this.#produce(content);
    await allDone([producing, this.#commitOffsets(content)]);
    const ids = [this.#options.transactionalId, this.#producerId, this.#producerEpoch] as const;
    await this.#onceSettled(endTxnV3.api, ...ids, true);
    return producing;
  }

  async #produce({ batches }: CommitContent): Promise<EndOffsets> {
    if (batches.length === 0) return new Map();
    const { transactionalId, cluster } = this.#options;
    await this.#onceSettled(addPartitionsToTxnV3.api, [
      {
        transactionalId,
        producerId: this.#producerId,
        producerEpoch: this.#producerEpoch,
        verifyOnly: false,
        topics: byTopic(partitionsOf(batches)).map(([name, some]) => ({
          name,
          partitions: some.map(({ partition }) => partition),
        })),
      },
    ]);
    return produceBatches(cluster, batches, {
      transactionalId,
      attempt: (request) => this.#whileBusy(request),
    });
  }

  #onceSettled<Arguments extends unknown[], Response>(
    api: API<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response> {
    const { cluster, transactionalId } = this.#options;
    const to = { kind: 'transaction', key: transactionalId, role: 'transaction' } as const;
    return this.#whileBusy(() => cluster.sendToCoordinator(to, api, ...args));
  }

  /**
   * Repeats what a broker refused because the last transaction's markers are still being written, or the new one is not known
   * everywhere yet: over in a few milliseconds. All these requests may be repeated safely.
   */
  #whileBusy<T>(request: () => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    const giveUpMs = performance.now() + this.#options.transactionTimeoutMs;
    return retrying(request, {
      signal,
      // Results wait for this: asking a few times more is cheaper than finding out late.
      firstDelayMs: 1,
      maxDelayMs: 4,
      again: (error) => busy.has(brokerErrorOf(error) ?? '') && performance.now() < giveUpMs,
    });
  }

  async #commitOffsets({ offsets, group }: CommitContent): Promise<void> {
    if (offsets.length === 0) return;
    const { cluster, transactionalId } = this.#options;
    const [producerId, producerEpoch] = [this.#producerId, this.#producerEpoch];
    await this.#onceSettled(addOffsetsToTxnV3.api, transactionalId, producerId, producerEpoch, group.groupId);
    const to = { kind: 'group', key: group.groupId, role: 'transaction' } as const;
    await this.#whileBusy(() =>
      cluster.sendToCoordinator(
        to,
        txnOffsetCommitV3.api,
        transactionalId,
        group.groupId,
        producerId,
        producerEpoch,
        group.generationId,
        group.memberId,
        group.instanceId,
        offsetsByTopic(offsets),
      ),
    );
  }
}

function partitionsOf(batches: readonly EncodedBatch[]): TopicPartition[] {
  return [...new Map(batches.map((batch) => [`${batch.topic}/${batch.partition}`, batch])).values()];
}
