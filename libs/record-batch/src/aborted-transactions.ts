import type { BatchHeader } from './batch-header.ts';
import { readControlType } from './control-batch.ts';

/** A transaction that a Fetch response names as aborted: its records start at `firstOffset`. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
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
    const lastOffset = header.baseOffset + header.lastOffsetDelta;
    for (
      let next = this.#pending.at(-1);
      next && next.firstOffset <= lastOffset;
      next = this.#pending.at(-1)
    ) {
      this.#aborting.add(next.producerId);
      this.#pending.pop();
    }
    if (!header.isTransactional || !this.#aborting.has(header.producerId)) return false;
    if (!header.isControl) return true;
    if (readControlType(bytes, header) === 'abort') this.#aborting.delete(header.producerId);
    return false;
  }
}
