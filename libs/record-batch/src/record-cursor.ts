import { AbortedTransactions, type AbortedTransaction } from './aborted-transactions.ts';
import { checkBatch, emptyBatchHeader, readBatchHeader, type BatchHeader } from './batch-header.ts';
import { LENGTH, LENGTH_END, MIN_RECORD_BYTES, RECORDS } from './batch-layout.ts';
import { decompress } from './compression/decompress.ts';
import { RecordBatchError } from './errors.ts';
import { findHeader, readHeaders, skipHeaders, type RecordHeader } from './record-headers.ts';
import { readVarint, readVarlong, varintEnd } from './varint.ts';

export interface OpenOptions {
  /** The record set is `bytes[start, end)`; default all of it. */
  readonly start?: number;
  readonly end?: number;
  /** Records below this offset are passed over: a broker sends whole batches. */
  readonly fromOffset?: number;
  /** What a Fetch response with isolation `read_committed` names; without it no record is passed over as aborted. */
  readonly abortedTransactions?: readonly AbortedTransaction[];
  /** Default true. */
  readonly checkCrc?: boolean;
  /** The greatest size of one batch's records once decompressed. Default `MAX_DECOMPRESSED_BYTES`. */
  readonly maxDecompressedBytes?: number;
}

/** Sixty times what a broker accepts as a batch unless configured otherwise; only a bomb needs more. */
export const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Walks the records of one record set, the batches of one partition in a Fetch response. After `next()` has returned
 * true, the fields say where the record's parts stand in `bytes`; nothing is allocated for a record.
 */
export class RecordCursor {
  /** What the ranges below refer to: the record set itself, or the records of a compressed batch. */
  bytes: Buffer = NOTHING;
  offset = -1;
  timestampMs = NaN;
  /** −1 when the key is null. */
  keyStart = -1;
  keyEnd = -1;
  /** −1 when the value is null. */
  valueStart = -1;
  valueEnd = -1;
  headerCount = 0;
  headersStart = 0;

  #source: Buffer = NOTHING;
  /** Where the next batch starts in the source. */
  #nextBatch = 0;
  #header: BatchHeader = emptyBatchHeader();
  #fromOffset = -1;
  #aborted: AbortedTransactions | undefined;
  #checkCrc = true;
  #maxDecompressedBytes = MAX_DECOMPRESSED_BYTES;
  /** Behind the batches before the current one, and behind that one too. */
  #passedOffset = -1;
  #batchEndOffset = -1;

  /** Records of the current batch that have not been read, where the next one starts and where they all end. */
  #left = 0;
  #at = 0;
  #end = 0;
  #recordEnd = 0;
  #baseOffset = 0;
  #lastDelta = -1;
  #maxDelta = 0;
  #baseTimestampMs = 0;
  #appendTimeMs = 0;
  #hasAppendTime = false;

  /** Starts at the first batch of a record set. The cursor may be opened again and again. */
  open(bytes: Buffer, options: OpenOptions = {}): void {
    const { end = bytes.length, abortedTransactions } = options;
    this.#source = end === bytes.length ? bytes : bytes.subarray(0, end);
    this.#nextBatch = options.start ?? 0;
    this.#fromOffset = options.fromOffset ?? -1;
    this.#aborted = abortedTransactions?.length ? new AbortedTransactions(abortedTransactions) : undefined;
    this.#checkCrc = options.checkCrc ?? true;
    this.#maxDecompressedBytes = options.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES;
    this.#batchEndOffset = this.#fromOffset;
    this.#left = 0;
    this.bytes = this.#source;
    this.offset = -1;
  }

  /**
   * Goes to the next record; false at the end of the set or at its torn tail. Control batches and aborted records are
   * passed over. After an error the cursor stands behind the batch that caused it, and `nextOffset` too.
   *
   * @throws RecordBatchError `RECORD_BATCH_MALFORMED`, `…_MAGIC`, `…_CRC`, `…_COMPRESSION`, `…_TOO_LARGE`
   */
  next(): boolean {
    for (;;) {
      if (this.#left === 0 && !this.#openBatch()) return false;
      const { bytes } = this;
      const end = this.#end;
      let at = this.#at;

      // Varints of one and two bytes are read in place; longer ones by a call.
      let raw = bytes[at++]!;
      if (raw > 0x7f) {
        const second = bytes[at++]!;
        if (second > 0x7f) {
          raw = this.#longVarint(at - 2);
          at = varintEnd;
        } else raw = (raw & 0x7f) | (second << 7);
      }
      const recordEnd = at + ((raw >>> 1) ^ -(raw & 1));
      if (recordEnd > end || recordEnd < at + MIN_RECORD_BYTES - 1)
        throw this.#malformed('a record length does not fit');

      at++;
      let timestampDelta: number;
      raw = bytes[at++]!;
      if (raw < 0x80) timestampDelta = (raw >>> 1) ^ -(raw & 1);
      else {
        const second = bytes[at++]!;
        if (second < 0x80) {
          raw = (raw & 0x7f) | (second << 7);
          timestampDelta = (raw >>> 1) ^ -(raw & 1);
        } else {
          timestampDelta = this.#varlong(at - 2);
          at = varintEnd;
        }
      }

      raw = bytes[at++]!;
      if (raw > 0x7f) {
        const second = bytes[at++]!;
        if (second > 0x7f) {
          raw = this.#longVarint(at - 2);
          at = varintEnd;
        } else raw = (raw & 0x7f) | (second << 7);
      }
      const offsetDelta = (raw >>> 1) ^ -(raw & 1);
      if (offsetDelta <= this.#lastDelta || offsetDelta > this.#maxDelta) {
        throw this.#malformed(`offset delta ${offsetDelta} after ${this.#lastDelta}`);
      }
      this.#lastDelta = offsetDelta;

      raw = bytes[at++]!;
      if (raw > 0x7f) {
        const second = bytes[at++]!;
        if (second > 0x7f) {
          raw = this.#longVarint(at - 2);
          at = varintEnd;
        } else raw = (raw & 0x7f) | (second << 7);
      }
      const keyLength = (raw >>> 1) ^ -(raw & 1);
      if (keyLength < 0) {
        if (keyLength !== -1) throw this.#malformed(`key length ${keyLength}`);
        this.keyStart = -1;
        this.keyEnd = -1;
      } else {
        if (keyLength > recordEnd - at) throw this.#malformed(`key length ${keyLength}`);
        this.keyStart = at;
        this.keyEnd = at += keyLength;
      }

      raw = bytes[at++]!;
      if (raw > 0x7f) {
        const second = bytes[at++]!;
        if (second > 0x7f) {
          raw = this.#longVarint(at - 2);
          at = varintEnd;
        } else raw = (raw & 0x7f) | (second << 7);
      }
      const valueLength = (raw >>> 1) ^ -(raw & 1);
      if (valueLength < 0) {
        if (valueLength !== -1) throw this.#malformed(`value length ${valueLength}`);
        this.valueStart = -1;
        this.valueEnd = -1;
      } else {
        if (valueLength > recordEnd - at) throw this.#malformed(`value length ${valueLength}`);
        this.valueStart = at;
        this.valueEnd = at += valueLength;
      }

      if (at + 1 === recordEnd && bytes[at] === 0) {
        this.headerCount = 0;
        this.headersStart = recordEnd;
      } else this.#openHeaders(at, recordEnd);

      this.#at = recordEnd;
      this.#recordEnd = recordEnd;
      if (--this.#left === 0 && recordEnd !== end) {
        throw this.#malformed(`${end - recordEnd} bytes are left behind its last record`);
      }
      const offset = this.#baseOffset + offsetDelta;
      if (offset < this.#fromOffset) continue;
      this.offset = offset;
      this.timestampMs = this.#hasAppendTime ? this.#appendTimeMs : this.#baseTimestampMs + timestampDelta;
      return true;
    }
  }

  /** The value of the record's last header with this name; `undefined` when there is none or its value is null. */
  header(name: string): Buffer | undefined {
    if (this.headerCount === 0) return undefined;
    return findHeader(this.bytes, this.headersStart, this.#recordEnd, this.headerCount, name);
  }

  /** All headers of the record as objects, for passing them on. */
  headers(): RecordHeader[] {
    return readHeaders(this.bytes, this.headersStart, this.#recordEnd, this.headerCount);
  }

  /** The header of the batch that the current record is in; the object is used again for the next batch. */
  get batch(): Readonly<BatchHeader> {
    return this.#header;
  }

  /**
   * The offset to fetch from next: behind the current record, and once `next()` has returned false behind the whole set,
   * with its control batches and the gaps that compaction left. −1 when nothing was read and no `fromOffset` given.
   */
  get nextOffset(): number {
    if (this.#left === 0) return this.#batchEndOffset;
    return Math.max(this.#passedOffset, this.#baseOffset + this.#lastDelta + 1);
  }

  /** Bytes that follow the last whole batch: of a batch that the response's size limit cut off. */
  get tornBytes(): number {
    return this.#source.length - this.#nextBatch;
  }

  /** Goes to the next batch that has records to show. */
  #openBatch(): boolean {
    for (;;) {
      const source = this.#source;
      const position = this.#nextBatch;
      const header = this.#readHeader(source, position);
      if (header === undefined) return false;
      this.#nextBatch = position + header.byteLength;
      this.#passedOffset = this.#batchEndOffset;
      this.#batchEndOffset = Math.max(this.#batchEndOffset, header.baseOffset + header.lastOffsetDelta + 1);
      if (header.baseOffset + header.lastOffsetDelta < this.#fromOffset && this.#aborted === undefined)
        continue;
      if (this.#checkCrc) checkBatch(source, header);
      if (this.#aborted?.covers(source, header) === true || header.isControl || header.recordCount === 0)
        continue;
      this.#enter(source, header);
      return true;
    }
  }

  #readHeader(source: Buffer, position: number): BatchHeader | undefined {
    try {
      return readBatchHeader(source, position, this.#header);
    } catch (error) {
      // The next batch is found by this one's length, unless that is the fault.
      const length = source.readInt32BE(position + LENGTH);
      this.#nextBatch = length > 0 ? Math.min(position + LENGTH_END + length, source.length) : source.length;
      throw error;
    }
  }

  #enter(source: Buffer, header: BatchHeader): void {
    const start = header.position + RECORDS;
    const end = header.position + header.byteLength;
    if (header.compression === 'none') {
      this.bytes = source;
      this.#at = start;
      this.#end = end;
    } else {
      this.bytes = this.#decompress(source.subarray(start, end), header);
      this.#at = 0;
      this.#end = this.bytes.length;
    }
    if (header.recordCount > (this.#end - this.#at) / MIN_RECORD_BYTES) {
      throw this.#malformed(`${header.recordCount} records do not fit ${this.#end - this.#at} bytes`);
    }
    this.#left = header.recordCount;
    this.#baseOffset = header.baseOffset;
    this.#lastDelta = -1;
    this.#maxDelta = header.lastOffsetDelta;
    this.#baseTimestampMs = header.baseTimestampMs;
    this.#appendTimeMs = header.maxTimestampMs;
    this.#hasAppendTime = header.timestampType === 'logAppendTime';
  }

  #decompress(records: Buffer, header: BatchHeader): Buffer {
    try {
      return decompress(header.compression, records, { maxBytes: this.#maxDecompressedBytes });
    } catch (error) {
      if (!(error instanceof RecordBatchError)) throw error;
      throw new RecordBatchError(error.code, `The batch at offset ${header.baseOffset}: ${error.message}`, {
        cause: error,
      });
    }
  }

  /** Reads the header count and walks over the headers, so that `header` and `headers` cannot fail later. */
  #openHeaders(at: number, recordEnd: number): void {
    const count = this.#varint(at);
    const start = varintEnd;
    if (count < 0) throw this.#malformed(`header count ${count}`);
    let end: number;
    try {
      end = skipHeaders(this.bytes, start, recordEnd, count);
    } catch (error) {
      throw this.#malformed((error as Error).message);
    }
    if (end !== recordEnd) throw this.#malformed('a record does not end where its length says');
    this.headerCount = count;
    this.headersStart = start;
  }

  /** A varint of 32 bits, as it stands before zigzag decoding. */
  #longVarint(at: number): number {
    const value = this.#varint(at);
    return (value << 1) ^ (value >> 31);
  }

  #varint(at: number): number {
    try {
      return readVarint(this.bytes, at);
    } catch (error) {
      throw this.#malformed((error as Error).message);
    }
  }

  #varlong(at: number): number {
    try {
      return readVarlong(this.bytes, at);
    } catch (error) {
      throw this.#malformed((error as Error).message);
    }
  }

  /** Leaves the batch and makes the error that names it. */
  #malformed(what: string): RecordBatchError {
    this.#left = 0;
    const { baseOffset, position } = this.#header;
    return new RecordBatchError(
      'RECORD_BATCH_MALFORMED',
      `The batch at offset ${baseOffset} (byte ${position} of its record set) is malformed: ${what}. Offsets up to ${this.#batchEndOffset - 1} are lost.`,
    );
  }
}
