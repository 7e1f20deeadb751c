import type { BatchHeader } from './batch-header.ts';
import { readControlType } from './control-batch.ts';
import type { ControlType } from './control-batch.ts';

/** A transaction that a Fetch response names as aborted: its records start at `firstOffset`. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** What tells whether a batch counts. */
export interface DecodedBatch {
  readonly lastOffset: number;
  readonly producerId: number;
  readonly isTransactional: boolean;
  /** Of a control batch: how it ends its producer's transaction. */
  readonly marker?: ControlType;
}

/**
 * Tells the batches of aborted transactions from the others, as a `read_committed` consumer must: a producer's
 * transactional batches are aborted from the transaction's first offset up to its abort marker.
 *
 * @see https://cwiki.apache.org/confluence/display/KAFKA/KIP-98+-+Exactly+Once+Delivery+and+Transactional+Messaging
 */
export class AbortedTransactions {
  readonly #pending: AbortedTransaction[];
  readonly #aborting = new Set<number>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#pending = [...transactions].sort((a, b) => b.firstOffset - a.firstOffset);
  }

  /** Batches are to be shown in the order of their offsets, control batches included. */
  covers(bytes: Buffer, header: BatchHeader): boolean {
    const marker = header.isControl ? readControlType(bytes, header) : undefined;
    return this.coversBatch({
      lastOffset: header.baseOffset + header.lastOffsetDelta,
      producerId: header.producerId,
      isTransactional: header.isTransactional,
      ...(marker === undefined ? {} : { marker }),
    });
  }

  /** As {@link covers}, of a batch (or of single records, in order) that a Kafka client has decoded. */
  coversBatch({ lastOffset, producerId, isTransactional, marker }: DecodedBatch): boolean {
    for (
      let next = this.#pending.at(-1);
      next && next.firstOffset <= lastOffset;
      next = this.#pending.at(-1)
    ) {
      this.#aborting.add(next.producerId);
      this.#pending.pop();
    }
    if (!isTransactional || !this.#aborting.has(producerId)) return false;
    if (marker === undefined) return true;
    if (marker === 'abort') this.#aborting.delete(producerId);
    return false;
  }
}
