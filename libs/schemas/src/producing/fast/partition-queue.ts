/** Records of one partition on their way: a batch that is being filled, full ones that wait, one that is under way. */
import { BatchWriter, RecordBatchError, type Codec, type RecordHeader } from '@millrace/record-batch';

export interface Delivery {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface Waiting {
  readonly index: number;
  resolve(delivery: Delivery): void;
  reject(error: Error): void;
}

export interface PendingBatch {
  readonly writer: BatchWriter;
  /** Those who asked for their record's offset. */
  waiting: Waiting[];
  /** When its first record came. */
  sinceMs: number;
  /** Bytes that count against the producer's buffer. */
  bytes: number;
}

export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** The next batch's first sequence number. Moves only when a batch has been written. */
  sequence = 0;
  underWay: PendingBatch | undefined;
  readonly sealed: PendingBatch[] = [];
  filling: PendingBatch | undefined;
  readonly #spare: BatchWriter[] = [];
  readonly #batchBytes: number;
  readonly #compression: Codec;

  constructor(topic: string, partition: number, options: { batchBytes: number; compression: Codec }) {
    this.topic = topic;
    this.partition = partition;
    this.#batchBytes = options.batchBytes;
    this.#compression = options.compression;
  }

  /**
   * Appends a record and returns the bytes it took; −1 for a record that no batch can hold. Whole batches are sealed.
   */
  append(
    timestampMs: number,
    record: EncodedRecord,
    headers: readonly RecordHeader[] | undefined,
    nowMs: number,
  ): number {
    let batch = (this.filling ??= this.#open(nowMs));
    const before = batch.writer.byteLength;
    try {
      this.#write(batch.writer, timestampMs, record, headers);
    } catch (error) {
      if (!(error instanceof RecordBatchError) || error.code !== 'RECORD_BATCH_TOO_LARGE') throw error;
      if (batch.writer.recordCount === 0) return -1;
      this.seal();
      batch = this.filling = this.#open(nowMs);
      return this.append(timestampMs, record, headers, nowMs);
    }
    const bytes = batch.writer.byteLength - before;
    batch.bytes += bytes;
    if (batch.writer.byteLength >= this.#batchBytes) this.seal();
    return bytes;
  }

  /** The batch that the last `append` went to, and the record's place in it. */
  lastAppended(): { batch: PendingBatch; index: number } {
    const batch = this.filling ?? (this.sealed.at(-1) as PendingBatch);
    return { batch, index: batch.writer.recordCount - 1 };
  }

  seal(): void {
    if (this.filling === undefined || this.filling.writer.recordCount === 0) return;
    this.sealed.push(this.filling);
    this.filling = undefined;
  }

  get idle(): boolean {
    return (
      this.underWay === undefined && this.sealed.length === 0 && (this.filling?.writer.recordCount ?? 0) === 0
    );
  }

  /** Takes the next batch to send, if it is full, has waited long enough, or `now` says so. */
  next(dueBeforeMs: number): PendingBatch | undefined {
    if (this.underWay !== undefined) return undefined;
    if (this.sealed.length === 0 && this.filling !== undefined && this.filling.sinceMs <= dueBeforeMs)
      this.seal();
    this.underWay = this.sealed.shift();
    return this.underWay;
  }

  /** The batch under way is done with; its buffer is used again unless a connection may still hold it. */
  release(reuse: boolean): void {
    const batch = this.underWay;
    this.underWay = undefined;
    if (batch === undefined || !reuse || this.#spare.length >= 2) return;
    batch.writer.reset();
    this.#spare.push(batch.writer);
  }

  #open(nowMs: number): PendingBatch {
    const writer = this.#spare.pop() ?? new BatchWriter({ compression: this.#compression });
    return { writer, waiting: [], sinceMs: nowMs, bytes: 0 };
  }

  #write(
    writer: BatchWriter,
    timestampMs: number,
    record: EncodedRecord,
    headers: readonly RecordHeader[] | undefined,
  ): void {
    const { keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd } = record;
    if (headers === undefined) {
      writer.appendSlices(timestampMs, keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd);
      return;
    }
    const key = keyStart < 0 ? null : keyBytes.subarray(keyStart, keyEnd);
    writer.append(
      timestampMs,
      key,
      valueStart < 0 ? null : valueBytes.subarray(valueStart, valueEnd),
      headers,
    );
  }
}

/** Ranges of reused buffers; a start of −1 is null. */
export interface EncodedRecord {
  keyBytes: Uint8Array;
  keyStart: number;
  keyEnd: number;
  valueBytes: Uint8Array;
  valueStart: number;
  valueEnd: number;
}
