import {
  ATTRIBUTES,
  BASE_OFFSET,
  BASE_SEQUENCE,
  BASE_TIMESTAMP,
  CODEC_MASK,
  CONTROL,
  CRC,
  LAST_OFFSET_DELTA,
  LENGTH,
  LENGTH_END,
  LOG_APPEND_TIME,
  MAGIC,
  MAX_TIMESTAMP,
  PARTITION_LEADER_EPOCH,
  PRODUCER_EPOCH,
  PRODUCER_ID,
  RECORDS,
  RECORD_COUNT,
  TRANSACTIONAL,
} from './batch-layout.ts';
import { crc32c } from './crc32c.ts';
import { codecOf, type Codec } from './compression/codec.ts';
import { RecordBatchError } from './errors.ts';
import { readInt64 } from './int64.ts';

/** The fixed part of a record batch. Offsets, timestamps and producer ids are exact up to 2^53. */
export interface BatchHeader {
  /** Where the batch starts in its buffer. */
  position: number;
  /** The whole batch, the first 12 bytes included: the next one starts at `position + byteLength`. */
  byteLength: number;
  baseOffset: number;
  partitionLeaderEpoch: number;
  magic: number;
  crc: number;
  attributes: number;
  compression: Codec;
  isTransactional: boolean;
  isControl: boolean;
  timestampType: 'createTime' | 'logAppendTime';
  lastOffsetDelta: number;
  baseTimestampMs: number;
  maxTimestampMs: number;
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  recordCount: number;
}

/** A header to hand to `readBatchHeader` as `into`, so that reading allocates nothing. */
export function emptyBatchHeader(): BatchHeader {
  return {
    position: 0,
    byteLength: 0,
    baseOffset: 0,
    partitionLeaderEpoch: -1,
    magic: 2,
    crc: 0,
    attributes: 0,
    compression: 'none',
    isTransactional: false,
    isControl: false,
    timestampType: 'createTime',
    lastOffsetDelta: 0,
    baseTimestampMs: 0,
    maxTimestampMs: 0,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    recordCount: 0,
  };
}

/**
 * Reads the header of the batch at `position`; `undefined` when less than a whole batch is there, the torn tail that a
 * Fetch response or a crash may leave. The CRC is not looked at: see `checkBatch`.
 *
 * @throws RecordBatchError `RECORD_BATCH_MAGIC`, `RECORD_BATCH_MALFORMED`, `RECORD_BATCH_COMPRESSION`
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
export function readBatchHeader(
  bytes: Buffer,
  position: number,
  into: BatchHeader = emptyBatchHeader(),
): BatchHeader | undefined {
  if (bytes.length - position <= MAGIC) return undefined;
  const length = bytes.readInt32BE(position + LENGTH);
  const magic = bytes.readInt8(position + MAGIC);
  if (magic !== 2) {
    throw new RecordBatchError(
      'RECORD_BATCH_MAGIC',
      `The batch at byte ${position} has magic ${magic}; only 2 (Kafka 0.11 and later) can be read. Let the topic be rewritten by a current producer.`,
    );
  }
  if (length < RECORDS - LENGTH_END) throw malformed(position, `says that it is ${length} bytes long`);
  const byteLength = LENGTH_END + length;
  if (bytes.length - position < byteLength) return undefined;

  const attributes = bytes.readInt16BE(position + ATTRIBUTES);
  const baseOffset = readInt64(bytes, position + BASE_OFFSET);
  const lastOffsetDelta = bytes.readInt32BE(position + LAST_OFFSET_DELTA);
  const recordCount = bytes.readInt32BE(position + RECORD_COUNT);
  if (baseOffset < 0 || baseOffset + lastOffsetDelta >= Number.MAX_SAFE_INTEGER) {
    throw malformed(position, `has base offset ${baseOffset}`);
  }
  if (lastOffsetDelta < 0) throw malformed(position, `has last offset delta ${lastOffsetDelta}`);
  if (recordCount < 0 || recordCount > lastOffsetDelta + 1) {
    throw malformed(position, `has ${recordCount} records over ${lastOffsetDelta + 1} offsets`);
  }

  into.position = position;
  into.byteLength = byteLength;
  into.baseOffset = baseOffset;
  into.partitionLeaderEpoch = bytes.readInt32BE(position + PARTITION_LEADER_EPOCH);
  into.magic = magic;
  into.crc = bytes.readUInt32BE(position + CRC);
  into.attributes = attributes;
  into.compression = codecOf(attributes & CODEC_MASK);
  into.isTransactional = (attributes & TRANSACTIONAL) !== 0;
  into.isControl = (attributes & CONTROL) !== 0;
  into.timestampType = (attributes & LOG_APPEND_TIME) !== 0 ? 'logAppendTime' : 'createTime';
  into.lastOffsetDelta = lastOffsetDelta;
  into.baseTimestampMs = readInt64(bytes, position + BASE_TIMESTAMP);
  into.maxTimestampMs = readInt64(bytes, position + MAX_TIMESTAMP);
  into.producerId = readInt64(bytes, position + PRODUCER_ID);
  into.producerEpoch = bytes.readInt16BE(position + PRODUCER_EPOCH);
  into.baseSequence = bytes.readInt32BE(position + BASE_SEQUENCE);
  into.recordCount = recordCount;
  return into;
}

/**
 * Compares the batch's CRC with its bytes.
 *
 * @throws RecordBatchError `RECORD_BATCH_CRC`
 */
export function checkBatch(bytes: Buffer, header: BatchHeader): void {
  const crc = crc32c(bytes, header.position + ATTRIBUTES, header.position + header.byteLength);
  if (crc === header.crc) return;
  throw new RecordBatchError(
    'RECORD_BATCH_CRC',
    `The batch at offset ${header.baseOffset} (byte ${header.position}, ${header.byteLength} bytes) has CRC ${hex(crc)}, its header says ${hex(header.crc)}. Fetch it again; if that does not help, the log is damaged.`,
  );
}

function malformed(position: number, what: string): RecordBatchError {
  return new RecordBatchError('RECORD_BATCH_MALFORMED', `The batch at byte ${position} ${what}.`);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
