/**
 * What can be wrong with a record batch.
 *
 * - `RECORD_BATCH_MALFORMED` a length, count, varint or offset that does not fit the bytes
 * - `RECORD_BATCH_MAGIC` a message set of magic 0 or 1, or no record batch at all
 * - `RECORD_BATCH_CRC` the bytes are not the ones that were written; a second fetch may bring good ones
 * - `RECORD_BATCH_COMPRESSION` an unknown codec, or data that its codec does not accept
 * - `RECORD_BATCH_TOO_LARGE` decompressed data, or a batch being written, beyond its `maxBytes`
 * - `RECORD_BATCH_EMPTY` a batch without a record was to be finished
 * - `RECORD_BATCH_ARGUMENT` a value that the format cannot hold
 */
export type RecordBatchErrorCode =
  | 'RECORD_BATCH_MALFORMED'
  | 'RECORD_BATCH_MAGIC'
  | 'RECORD_BATCH_CRC'
  | 'RECORD_BATCH_COMPRESSION'
  | 'RECORD_BATCH_TOO_LARGE'
  | 'RECORD_BATCH_EMPTY'
  | 'RECORD_BATCH_ARGUMENT';

/** The one error class of this library; `code` says what happened, `message` to what and what to do. */
export class RecordBatchError extends Error {
  readonly code: RecordBatchErrorCode;
  /** Whether the same call with bytes fetched again may succeed. */
  readonly retriable: boolean;

  constructor(code: RecordBatchErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RecordBatchError';
    this.code = code;
    this.retriable = code === 'RECORD_BATCH_CRC';
  }
}
