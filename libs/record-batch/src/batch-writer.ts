import {
  ATTRIBUTES,
  BASE_SEQUENCE,
  BASE_TIMESTAMP,
  CONTROL,
  CRC,
  LAST_OFFSET_DELTA,
  LENGTH,
  LENGTH_END,
  MAGIC,
  MAX_TIMESTAMP,
  PARTITION_LEADER_EPOCH,
  PRODUCER_EPOCH,
  PRODUCER_ID,
  RECORDS,
  RECORD_COUNT,
  TRANSACTIONAL,
} from './batch-layout.ts';
import { CODECS, type Codec } from './compression/codec.ts';
import { compress } from './compression/compress.ts';
import { crc32c } from './crc32c.ts';
import { RecordBatchError } from './errors.ts';
import { writeInt64 } from './int64.ts';
import { headersSize, writeHeaders, type RecordHeader } from './record-headers.ts';
import { SliceCopier } from './slice-copier.ts';
import { MAX_VARLONG, varintSize, varlongSize, writeVarint, writeVarlong } from './varint.ts';

export interface BatchWriterOptions {
  /** Default `none`. */
  readonly compression?: Codec;
  /** What the buffer starts with; it doubles when needed and is kept by `reset`. */
  readonly initialBytes?: number;
  /** The greatest size of the batch before compression. Default: what a broker takes, `DEFAULT_MAX_BATCH_BYTES`. */
  readonly maxBytes?: number;
}

export interface FinishOptions {
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly partitionLeaderEpoch?: number;
  /** Default 0: the broker stamps it. */
  readonly baseOffset?: number;
  /** Default: that of the last record. A compacted batch keeps its old one. */
  readonly lastOffsetDelta?: number;
}

/** `message.max.bytes` of Apache Kafka unless it is configured otherwise. */
export const DEFAULT_MAX_BATCH_BYTES = 1_048_588;
const DEFAULT_INITIAL_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

/** Writes records into one growing buffer that is used again for each batch; no object is made for a record. */
export class BatchWriter {
  readonly #compression: Codec;
  readonly #maxBytes: number;
  readonly #keys = new SliceCopier();
  readonly #values = new SliceCopier();
  #buffer: Buffer;
  #view: DataView;
  /** Where the key and the value go of the record that `reserve` made room for. */
  keyAt = -1;
  valueAt = -1;
  #at = RECORDS;
  #count = 0;
  #nextDelta = 0;
  #baseTimestampMs = 0;
  #maxTimestampMs = 0;
  /** Of the last record: those that are written together mostly have one time. */
  #timestampMs = NaN;
  #timestampDelta = 0;
  #timestampBytes = 0;

  constructor(options: BatchWriterOptions = {}) {
    this.#compression = options.compression ?? 'none';
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BATCH_BYTES;
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(options.initialBytes ?? DEFAULT_INITIAL_BYTES, RECORDS));
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Starts the next batch; what `finish` returned may be overwritten from now on. */
  reset(): void {
    this.#at = RECORDS;
    this.#count = 0;
    this.#nextDelta = 0;
    this.#timestampMs = NaN;
    this.#keys.clear();
    this.#values.clear();
  }

  get recordCount(): number {
    return this.#count;
  }

  /** The size of the batch so far, its header included, before compression. */
  get byteLength(): number {
    return this.#at;
  }

  /** The next record gets this offset delta: for compacted batches, whose records keep their offsets. */
  skipTo(offsetDelta: number): void {
    if (offsetDelta < this.#nextDelta || offsetDelta !== offsetDelta << 0) {
      throw new RecordBatchError(
        'RECORD_BATCH_ARGUMENT',
        `Offset delta ${offsetDelta} is not a 32-bit integer of at least ${this.#nextDelta}, the next one of this batch.`,
      );
    }
    this.#nextDelta = offsetDelta;
  }

  /**
   * Adds a record.
   *
   * @throws RecordBatchError `RECORD_BATCH_TOO_LARGE` when the batch would pass `maxBytes`: finish it, reset, append again;
   *   `RECORD_BATCH_ARGUMENT` for a timestamp that is no integer or too far from the batch's first. Both leave the batch as it was.
   */
  append(
    timestampMs: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: readonly RecordHeader[],
  ): void {
    const keyBytes = key ?? NOTHING;
    const valueBytes = value ?? NOTHING;
    const keyStart = key === null ? -1 : 0;
    const valueStart = value === null ? -1 : 0;
    if (headers === undefined || headers.length === 0) {
      this.appendSlices(
        timestampMs,
        keyBytes,
        keyStart,
        keyBytes.length,
        valueBytes,
        valueStart,
        valueBytes.length,
      );
      return;
    }
    const trailer = headersSize(headers);
    this.#record(
      timestampMs,
      keyBytes,
      keyStart,
      keyBytes.length,
      valueBytes,
      valueStart,
      valueBytes.length,
      trailer,
    );
    writeHeaders(this.#buffer, this.#at - trailer, headers);
  }

  /** As `append`, of `keyBytes[keyStart, keyEnd)` and `valueBytes[valueStart, valueEnd)`; a start of −1 means null. */
  appendSlices(
    timestampMs: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    this.#record(timestampMs, keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd, 1);
    this.#buffer[this.#at - 1] = 0;
  }

  /**
   * Adds a record without headers whose key and value the caller writes, exactly so many bytes (−1: null), to `buffer` at
   * `keyAt` and `valueAt`: for those who would else write them elsewhere and copy.
   *
   * @throws RecordBatchError as `append`
   */
  reserve(timestampMs: number, keyLength: number, valueLength: number): void {
    const at = this.#begin(timestampMs, keyLength, valueLength, 1);
    this.keyAt = at;
    this.valueAt = writeVarint(this.#buffer, keyLength > 0 ? at + keyLength : at, valueLength);
    this.#buffer[this.#at - 1] = 0;
  }

  /** What `reserve` made room in; another one after the next `reserve`, which may have to grow it. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** The view of `buffer`. */
  get view(): DataView {
    return this.#view;
  }

  /** Everything of a record but its headers, for which `trailer` bytes are left free. */
  #record(
    timestampMs: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    trailer: number,
  ): void {
    const keyLength = keyStart < 0 ? -1 : keyEnd - keyStart;
    const valueLength = valueStart < 0 ? -1 : valueEnd - valueStart;
    let at = this.#begin(timestampMs, keyLength, valueLength, trailer);
    const buffer = this.#buffer;
    if (keyLength > 0) at = this.#keys.copy(keyBytes, keyStart, keyEnd, buffer, this.#view, at);
    at = writeVarint(buffer, at, valueLength);
    if (valueLength > 0) this.#values.copy(valueBytes, valueStart, valueEnd, buffer, this.#view, at);
  }

  /** Counts a record and writes it as far as its key's length; returns where the key goes. */
  #begin(timestampMs: number, keyLength: number, valueLength: number, trailer: number): number {
    if (timestampMs !== this.#timestampMs) this.#setTimestamp(timestampMs);
    const length =
      1 +
      this.#timestampBytes +
      varintSize(this.#nextDelta) +
      varintSize(keyLength) +
      (keyLength > 0 ? keyLength : 0) +
      varintSize(valueLength) +
      (valueLength > 0 ? valueLength : 0) +
      trailer;
    const end = this.#at + varintSize(length) + length;
    if (end > this.#buffer.length) this.#grow(end);
    if (end > this.#maxBytes) throw this.#full(end);
    if (this.#count === 0) {
      this.#baseTimestampMs = timestampMs;
      this.#maxTimestampMs = timestampMs;
    } else if (timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs;

    const buffer = this.#buffer;
    let at = writeVarint(buffer, this.#at, length);
    buffer[at++] = 0;
    if (this.#timestampDelta === 0) buffer[at++] = 0;
    else at = writeVarlong(buffer, at, this.#timestampDelta);
    at = writeVarint(buffer, at, this.#nextDelta);
    this.#at = end;
    this.#count++;
    this.#nextDelta++;
    return writeVarint(buffer, at, keyLength);
  }

  /** Checks the next record's time and finds out how it is written. */
  #setTimestamp(timestampMs: number): void {
    const delta = this.#count === 0 ? 0 : timestampMs - this.#baseTimestampMs;
    if (!Number.isSafeInteger(timestampMs) || delta > MAX_VARLONG || delta < -MAX_VARLONG)
      throw this.#badTimestamp(timestampMs);
    this.#timestampMs = timestampMs;
    this.#timestampDelta = delta;
    this.#timestampBytes = varlongSize(delta);
  }

  /**
   * The batch with its header and CRC, valid until the next `reset` or `append`. May be called again, for example with
   * another epoch.
   *
   * @throws RecordBatchError `RECORD_BATCH_EMPTY` when no record was appended
   */
  finish(options: FinishOptions = {}): Buffer {
    if (this.#count === 0) {
      throw new RecordBatchError('RECORD_BATCH_EMPTY', 'The batch has no record; append one before finish.');
    }
    const batch = this.#compression === 'none' ? this.#buffer.subarray(0, this.#at) : this.#compressed();
    const attributes =
      CODECS.indexOf(this.#compression) |
      (options.transactional === true ? TRANSACTIONAL : 0) |
      (options.control === true ? CONTROL : 0);
    writeInt64(batch, 0, options.baseOffset ?? 0);
    batch.writeInt32BE(batch.length - LENGTH_END, LENGTH);
    batch.writeInt32BE(options.partitionLeaderEpoch ?? -1, PARTITION_LEADER_EPOCH);
    batch.writeInt8(2, MAGIC);
    batch.writeInt16BE(attributes, ATTRIBUTES);
    batch.writeInt32BE(options.lastOffsetDelta ?? this.#nextDelta - 1, LAST_OFFSET_DELTA);
    writeInt64(batch, BASE_TIMESTAMP, this.#baseTimestampMs);
    writeInt64(batch, MAX_TIMESTAMP, this.#maxTimestampMs);
    writeInt64(batch, PRODUCER_ID, options.producerId ?? -1);
    batch.writeInt16BE(options.producerEpoch ?? -1, PRODUCER_EPOCH);
    batch.writeInt32BE(options.baseSequence ?? -1, BASE_SEQUENCE);
    batch.writeInt32BE(this.#count, RECORD_COUNT);
    batch.writeUInt32BE(crc32c(batch, ATTRIBUTES, batch.length), CRC);
    return batch;
  }

  #compressed(): Buffer {
    const records = compress(this.#compression, this.#buffer.subarray(RECORDS, this.#at));
    const batch = Buffer.allocUnsafe(RECORDS + records.length);
    batch.set(records, RECORDS);
    return batch;
  }

  #grow(needed: number): void {
    if (needed > this.#maxBytes) return;
    const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(needed, 2 * this.#buffer.length), this.#maxBytes));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }

  #full(bytes: number): RecordBatchError {
    return new RecordBatchError(
      'RECORD_BATCH_TOO_LARGE',
      `The record would make the batch ${bytes} bytes long, over maxBytes ${this.#maxBytes}. Finish this batch (${this.#count} records) and append to the next, or raise maxBytes together with the topic's max.message.bytes.`,
    );
  }

  #badTimestamp(timestampMs: number): RecordBatchError {
    return new RecordBatchError(
      'RECORD_BATCH_ARGUMENT',
      `Timestamp ${timestampMs} is no integer of milliseconds within ${MAX_VARLONG} of the batch's first, ${this.#baseTimestampMs}.`,
    );
  }
}
