import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { RecordBatchError } from '../errors.ts';
import type { Codec } from './codec.ts';
import { corrupt, tooLarge } from './faults.ts';
import { decompressLz4 } from './lz4.ts';
import { decompressSnappy } from './snappy.ts';

export interface DecompressOptions {
  /** The greatest size of the result. */
  readonly maxBytes: number;
}

/** The window that the Zstandard specification asks every decoder to support, 8 MiB. */
const ZSTD_MIN_WINDOW_LOG = 23;
/** The widest window of Zstandard without "long" mode on 64-bit machines. */
const ZSTD_MAX_WINDOW_LOG = 27;

/**
 * Decompresses the records of a batch. Never allocates for a result beyond `maxBytes`, whatever the data claims.
 *
 * @throws RecordBatchError `RECORD_BATCH_TOO_LARGE` beyond `maxBytes`, `RECORD_BATCH_COMPRESSION` for data that is not the codec's
 */
export function decompress(codec: Codec, bytes: Buffer, { maxBytes }: DecompressOptions): Buffer {
  try {
    switch (codec) {
      case 'none':
        return bytes;
      case 'gzip':
        return gunzipSync(bytes, { maxOutputLength: maxBytes });
      case 'snappy':
        return decompressSnappy(bytes, maxBytes);
      case 'lz4':
        return decompressLz4(bytes, maxBytes);
      case 'zstd':
        return zstdDecompressSync(bytes, {
          maxOutputLength: maxBytes,
          params: { [constants.ZSTD_d_windowLogMax]: windowLog(maxBytes) },
        });
    }
  } catch (error) {
    if (error instanceof RecordBatchError) throw error;
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(codec, maxBytes);
    throw corrupt(codec, (error as Error).message, error);
  }
}

function windowLog(maxBytes: number): number {
  const needed = Math.ceil(Math.log2(maxBytes));
  return Math.min(Math.max(needed, ZSTD_MIN_WINDOW_LOG), ZSTD_MAX_WINDOW_LOG);
}
