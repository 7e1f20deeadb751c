export { AbortedTransactions, type AbortedTransaction, type DecodedBatch } from './aborted-transactions.ts';
export { checkBatch, emptyBatchHeader, readBatchHeader, type BatchHeader } from './batch-header.ts';
export {
  BatchWriter,
  DEFAULT_MAX_BATCH_BYTES,
  type BatchWriterOptions,
  type FinishOptions,
} from './batch-writer.ts';
export { CODECS, type Codec } from './compression/codec.ts';
export { compress } from './compression/compress.ts';
export { decompress, type DecompressOptions } from './compression/decompress.ts';
export { copySlice } from './copy-slice.ts';
export { controlBatch, readControlType, type ControlBatch, type ControlType } from './control-batch.ts';
export { crc32c } from './crc32c.ts';
export { RecordBatchError, type RecordBatchErrorCode } from './errors.ts';
export { MAX_DECOMPRESSED_BYTES, RecordCursor, type OpenOptions } from './record-cursor.ts';
export type { RecordHeader } from './record-headers.ts';
export { stampBatch, type Stamp } from './stamp-batch.ts';
