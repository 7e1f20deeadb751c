import { RecordBatchError } from '../errors.ts';
import type { Codec } from './codec.ts';

/** The error of a result that would pass its limit. */
export function tooLarge(codec: Codec, maxBytes: number): RecordBatchError {
  return new RecordBatchError(
    'RECORD_BATCH_TOO_LARGE',
    `The ${codec} data gives more than ${maxBytes} bytes. If it is to be trusted, raise the limit (maxBytes, maxDecompressedBytes).`,
  );
}

/** The error of data that its codec does not accept. */
export function corrupt(codec: Codec, what: string, cause?: unknown): RecordBatchError {
  return new RecordBatchError(
    'RECORD_BATCH_COMPRESSION',
    `The data is not valid ${codec}: ${what}.`,
    cause === undefined ? undefined : { cause },
  );
}
