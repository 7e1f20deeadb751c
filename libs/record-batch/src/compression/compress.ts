import { gzipSync, zstdCompressSync } from 'node:zlib';
import { lz4Compress } from '@platformatic/wasm-utils';
import type { Codec } from './codec.ts';
import { compressSnappy } from './snappy.ts';

/** Compresses the records of a batch. Snappy is written in the xerial framing and LZ4 as one frame, as Kafka's own clients do. */
export function compress(codec: Codec, bytes: Buffer): Buffer {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes);
    case 'snappy':
      return compressSnappy(bytes);
    case 'lz4':
      return lz4Compress(bytes);
    case 'zstd':
      return zstdCompressSync(bytes);
  }
}
