import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  endTxnV3,
  initProducerIdV4,
  txnOffsetCommitV3,
} from '@platformatic/kafka';
import type { API, Broker } from '@platformatic/kafka';
import { brokerErrorOf } from './broker-error.ts';
import type { Cluster, TopicPartition } from './cluster.ts';
import { produceApi } from './produce.ts';
import type { EncodedBatch } from './produce.ts';
import { retrying } from './retry.ts';

export interface GroupIdentity {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly instanceId: string | null;
}

export interface TransactionContent {
  /** In the order in which they are to be written; several of one partition are allowed. */
  readonly batches: readonly EncodedBatch[];
  /** The offsets to read from next, each with a note that is kept beside it. */
  readonly offsets: readonly (TopicPartition & { readonly offset: number; readonly metadata: string })[];
  readonly group: GroupIdentity;
}

export interface TransactionalProducerOptions {
  readonly cluster: Cluster;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/** The batches of one request: no partition twice, and not more than a broker takes at once. */
const maxRequestBytes = 16 * 1024 * 1024;

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
export class TransactionalProducer {
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

  /** One transaction, begun and ended. */
  async commit({ batches, offsets, group }: TransactionContent): Promise<void> {
    const { transactionalId } = this.#options;
    const ids = [transactionalId, this.#producerId, this.#producerEpoch] as const;
    const partitions = partitionsOf(batches);
    await allDone([
      partitions.length === 0
        ? undefined
        : this.#onceSettled(addPartitionsToTxnV3.api, [
            {
              transactionalId,
              producerId: this.#producerId,
              producerEpoch: this.#producerEpoch,
              verifyOnly: false,
              topics: byTopic(partitions).map(([name, some]) => ({
                name,
                partitions: some.map(({ partition }) => partition),
              })),
            },
          ]),
      offsets.length === 0 ? undefined : this.#onceSettled(addOffsetsToTxnV3.api, ...ids, group.groupId),
    ]);
    await allDone([this.#produce(batches), this.#commitOffsets(offsets, group)]);
    await this.#onceSettled(endTxnV3.api, ...ids, true);
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
      firstDelayMs: 1,
      maxDelayMs: 20,
      again: (error) => busy.has(brokerErrorOf(error) ?? '') && performance.now() < giveUpMs,
    });
  }

  async #produce(batches: readonly EncodedBatch[]): Promise<void> {
    const { cluster } = this.#options;
    const requests = new Map<Broker, EncodedBatch[][]>();
    for (const batch of batches) {
      const leader = await cluster.leaderOf(batch);
      const queue = requests.get(leader) ?? [];
      requests.set(leader, queue);
      const last = queue.at(-1);
      if (last === undefined || !fits(last, batch)) queue.push([batch]);
      else last.push(batch);
    }
    try {
      await allDone([...requests].map(([leader, queue]) => this.#send(leader, queue)));
    } catch (error) {
      cluster.forgetLeaders();
      throw error;
    }
  }

  /** One after the other, so that a repeated one cannot be overtaken; the sequence numbers make repeating harmless. */
  async #send(leader: Broker, queue: readonly EncodedBatch[][]): Promise<void> {
    const { cluster, transactionalId } = this.#options;
    for (const batches of queue)
      await this.#whileBusy(() => cluster.send('produce', leader, produceApi, transactionalId, batches));
  }

  async #commitOffsets(offsets: TransactionContent['offsets'], group: GroupIdentity): Promise<void> {
    if (offsets.length === 0) return;
    const { cluster, transactionalId } = this.#options;
    const [producerId, producerEpoch] = [this.#producerId, this.#producerEpoch];
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
        byTopic(offsets).map(([name, some]) => ({
          name,
          partitions: some.map(({ partition, offset, metadata }) => ({
            partitionIndex: partition,
            committedOffset: BigInt(offset),
            committedLeaderEpoch: -1,
            committedMetadata: metadata,
          })),
        })),
      ),
    );
  }
}

function byTopic<T extends TopicPartition>(items: readonly T[]): [string, T[]][] {
  return [...Map.groupBy(items, ({ topic }) => topic)];
}

function partitionsOf(batches: readonly EncodedBatch[]): TopicPartition[] {
  return [...new Map(batches.map((batch) => [`${batch.topic}/${batch.partition}`, batch])).values()];
}

function fits(request: readonly EncodedBatch[], batch: EncodedBatch): boolean {
  let bytes = batch.bytes.length;
  for (const other of request) {
    if (other.partition === batch.partition && other.topic === batch.topic) return false;
    bytes += other.bytes.length;
  }
  return bytes <= maxRequestBytes;
}

/**
 * Waits for all, and only then fails with the first error: nothing of a transaction may still be under way when the next one
 * begins under a new epoch.
 */
async function allDone(requests: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const outcome of await Promise.allSettled(requests))
    if (outcome.status === 'rejected') throw outcome.reason;
}
