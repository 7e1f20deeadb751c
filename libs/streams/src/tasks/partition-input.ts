import { readBatchHeader } from '@millrace/record-batch';
import type { AbortedTransaction, FetchedPartition } from '../kafka/fetch.ts';

/** Record batches of one partition that were fetched and wait to be processed. */
export interface RecordSet {
  readonly bytes: Buffer;
  readonly fromOffset: number;
  /** The offset after its last batch. */
  readonly endOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  /** Says that nobody reads `bytes` any more. */
  readonly release: () => void;
}

/** Answers come every fraction of a second; a longer pause means that the broker was away. */
const maxGapMs = 2_000;

/** The part of one partition that is in memory: what was fetched and not processed yet. */
export class PartitionInput {
  readonly topic: string;
  readonly partition: number;
  readonly #queue: RecordSet[] = [];
  /** Where the next fetch starts. */
  fetchOffset: number;
  /** The first offset that is not there yet, for lag; -1 until the first answer. */
  endOffset = -1;
  queuedBytes = 0;
  isPaused = false;
  /** Wall clock since when a broker has kept saying that there is nothing more. */
  #silentSinceMs: number;
  #heardMs: number;

  constructor(place: { topic: string; partition: number; offset: number; nowMs: number }) {
    this.topic = place.topic;
    this.partition = place.partition;
    this.fetchOffset = place.offset;
    this.#silentSinceMs = place.nowMs;
    this.#heardMs = place.nowMs;
  }

  get head(): RecordSet | undefined {
    return this.#queue[0];
  }

  /** Everything that is known to be in the partition has been fetched and taken. */
  get isDrained(): boolean {
    return this.#queue.length === 0 && this.endOffset >= 0 && this.fetchOffset >= this.endOffset;
  }

  /**
   * For how long the partition has had nothing to read. While the broker cannot be asked, or this process stood still, nobody
   * knows: that time does not count.
   */
  silentMs(nowMs: number): number {
    return this.isDrained && nowMs - this.#heardMs <= maxGapMs ? nowMs - this.#silentSinceMs : 0;
  }

  /** Drops the head: its bytes will soon be others. */
  shift(): void {
    const taken = this.#queue.shift();
    if (taken === undefined) return;
    this.queuedBytes -= taken.bytes.length;
    taken.release();
  }

  /** Takes what a fetch gave; false when there was nothing new in it. `release` is called when its records have been read. */
  accept(fetched: FetchedPartition, nowMs: number, release: () => void): boolean {
    // Behind the last stable offset lie records of open transactions, which cannot be read yet.
    this.endOffset = fetched.lastStableOffset >= 0 ? fetched.lastStableOffset : fetched.highWatermark;
    if (nowMs - this.#heardMs > maxGapMs) this.#silentSinceMs = nowMs;
    this.#heardMs = nowMs;
    const { records } = fetched;
    if (records === undefined) return false;
    const endOffset = endOf(records);
    if (endOffset <= this.fetchOffset) return false;
    this.#queue.push({
      bytes: records,
      fromOffset: this.fetchOffset,
      endOffset,
      abortedTransactions: fetched.abortedTransactions,
      release,
    });
    this.queuedBytes += records.length;
    this.fetchOffset = endOffset;
    this.#silentSinceMs = nowMs;
    return true;
  }
}

/** The offset behind the last whole batch; -1 when there is none. */
function endOf(records: Buffer): number {
  let end = -1;
  for (let position = 0; ;) {
    const header = readBatchHeader(records, position);
    if (header === undefined) return end;
    end = header.baseOffset + header.lastOffsetDelta + 1;
    position += header.byteLength;
  }
}
