import { BatchWriter } from '@millrace/record-batch';
import type { Codec, RecordHeader } from '@millrace/record-batch';
import type { TopicPartition } from '../kafka/cluster.ts';
import type { EncodedBatch } from '../kafka/produce.ts';
import type { CommitWriter } from '../kafka/commit-writer.ts';

/** Under a broker's default `message.max.bytes` (1,048,588), which topics made by others may have. */
const targetBatchBytes = 900_000;
/** One record may be this large where the topic allows it: topics made here do (`internalMaxBytes`). */
export const internalMaxBytes = 8 * 1024 * 1024;

/** The records for one partition since the last commit, as batches that are still open. */
export class PartitionOutput {
  readonly topic: string;
  readonly partition: number;
  readonly #buffer: OutputBuffer;
  readonly #full: BatchWriter[] = [];
  #writer: BatchWriter | undefined;

  constructor(buffer: OutputBuffer, { topic, partition }: TopicPartition) {
    this.#buffer = buffer;
    this.topic = topic;
    this.partition = partition;
  }

  /** The writer to append the next record of up to `bytes` to. */
  room(bytes: number): BatchWriter {
    const writer = this.#writer;
    if (writer !== undefined && (writer.recordCount === 0 || writer.byteLength + bytes <= targetBatchBytes))
      return writer;
    return this.#next(writer, bytes);
  }

  /** Apart from `room`, so that what happens once in ten thousand records is not compiled into every writer of them. */
  #next(writer: BatchWriter | undefined, bytes: number): BatchWriter {
    if (writer === undefined) return (this.#writer = this.#buffer.takeWriter());
    this.#full.push(writer);
    // Where one batch is full, the next will be: growing step by step takes twice the memory, all of it new.
    return (this.#writer = this.#buffer.takeWriter(targetBatchBytes + bytes));
  }

  append(
    timestampMs: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: RecordHeader[],
  ): void {
    const bytes = (key?.length ?? 0) + (value?.length ?? 0);
    this.#buffer.pendingBytes += bytes;
    this.room(bytes + 1_000).append(timestampMs, key, value, headers);
  }

  /** Makes room for a record whose key and value the caller writes into the batch: see `BatchWriter.reserve`. */
  reserve(timestampMs: number, keyLength: number, valueLength: number): BatchWriter {
    const bytes = keyLength + (valueLength > 0 ? valueLength : 0);
    this.#buffer.pendingBytes += bytes;
    const writer = this.room(bytes + 40);
    writer.reserve(timestampMs, keyLength, valueLength);
    return writer;
  }

  /** Takes the filled writers out, oldest first. */
  take(): BatchWriter[] {
    const writers = this.#full.splice(0);
    if (this.#writer !== undefined && this.#writer.recordCount > 0) {
      writers.push(this.#writer);
      this.#writer = undefined;
    }
    return writers;
  }
}

/** Everything that a worker is going to write in its next transaction; writers are used again and again. */
export class OutputBuffer {
  readonly #compression: Codec;
  readonly #partitions = new Map<string, PartitionOutput>();
  readonly #spare: BatchWriter[] = [];
  /** Bytes appended since the last `take`. */
  pendingBytes = 0;

  constructor(compression: Codec = 'none') {
    this.#compression = compression;
  }

  partition(topic: string, partition: number): PartitionOutput {
    const key = `${topic}/${partition}`;
    let output = this.#partitions.get(key);
    if (output === undefined)
      this.#partitions.set(key, (output = new PartitionOutput(this, { topic, partition })));
    return output;
  }

  /** `initialBytes`: of a writer that has to be made. */
  takeWriter(initialBytes?: number): BatchWriter {
    return (
      this.#spare.pop() ??
      new BatchWriter({
        compression: this.#compression,
        maxBytes: internalMaxBytes + 1_024,
        ...(initialBytes === undefined ? {} : { initialBytes }),
      })
    );
  }

  /** Ends all open batches under the producer's id, epoch and sequence numbers. `release` when they have been sent. */
  take(producer: CommitWriter): { readonly batches: EncodedBatch[]; readonly release: () => void } {
    const batches: EncodedBatch[] = [];
    const used: BatchWriter[] = [];
    for (const output of this.#partitions.values())
      for (const writer of output.take()) {
        used.push(writer);
        batches.push({
          topic: output.topic,
          partition: output.partition,
          bytes: writer.finish({
            producerId: producer.producerId,
            producerEpoch: producer.producerEpoch,
            baseSequence: producer.takeSequence(output, writer.recordCount),
            transactional: producer.isTransactional,
          }),
        });
      }
    this.pendingBytes = 0;
    return {
      batches,
      release: () => {
        for (const writer of used) writer.reset();
        this.#spare.push(...used);
      },
    };
  }

  /** Throws away what has not been taken. */
  discard(): void {
    for (const output of this.#partitions.values())
      for (const writer of output.take()) {
        writer.reset();
        this.#spare.push(writer);
      }
    this.pendingBytes = 0;
  }
}
