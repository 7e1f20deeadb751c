import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Column, Row } from '../../contract.ts';
import { StorageError } from '../../errors.ts';
import { loadPeer } from '../../load-peer.ts';
import type { RowBuffer } from './row-buffer.ts';
import { columnsKey, writeFile } from './write-file.ts';
import type { Codec } from './write-file.ts';

const compressionLevel = 1;

/** Turns rows into the bytes of a Parquet file, and back. */
export interface Parquet {
  encode(buffer: RowBuffer): Uint8Array;
  /** Rows as {@link RowBuffer.append} takes them: whole numbers and times as `bigint`, JSON parsed. */
  decode(bytes: Uint8Array): Promise<{ readonly columns: readonly Column[]; readonly rows: readonly Row[] }>;
}

/** @throws StorageError `STORAGE_PEER_MISSING` */
export async function loadParquet(): Promise<Parquet> {
  const [{ ByteWriter }, { writePageHeader }, { writeMetadata }] = await loadPeer('hyparquet-writer', () =>
    Promise.all([
      import('hyparquet-writer'),
      import('hyparquet-writer/src/datapage.js'),
      import('hyparquet-writer/src/metadata.js'),
    ]),
  );
  const { parquetMetadataAsync, parquetReadObjects } = await loadPeer('hyparquet', () => import('hyparquet'));
  const thrift = { newWriter: () => new ByteWriter(), writePageHeader, writeMetadata };
  const codec = codecOfThisNode();

  return {
    encode: (buffer) => writeFile(buffer, { thrift, codec }),
    decode: async (bytes) => {
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
      const metadata = await parquetMetadataAsync(file);
      const listed = metadata.key_value_metadata?.find(({ key }) => key === columnsKey)?.value;
      if (listed === undefined)
        throw new StorageError('STORAGE_FAILED', 'this Parquet file was not written by the lake.');
      const columns = JSON.parse(listed) as Column[];
      const json = columns.filter((column) => column.type === 'json').map((column) => column.name);
      const rows: Record<string, unknown>[] = await parquetReadObjects({
        file,
        metadata,
        compressors: {
          ZSTD: (input: Uint8Array) => zstdDecompressSync(input),
          GZIP: (input: Uint8Array) => gunzipSync(input),
        },
        parsers: { timestampFromMilliseconds: (timeMs: bigint) => timeMs },
      });
      for (const row of rows) {
        for (const name of json) if (row[name] != null) row[name] = JSON.parse(row[name] as string);
      }
      return { columns, rows };
    },
  };
}

/** Node 20 has no zstd; gzip is read everywhere too. */
function codecOfThisNode(): Codec {
  if (typeof zstdCompressSync !== 'function')
    return { name: 'GZIP', compress: (bytes) => gzipSync(bytes, { level: compressionLevel }) };
  const params = { [constants.ZSTD_c_compressionLevel]: compressionLevel };
  return { name: 'ZSTD', compress: (bytes) => zstdCompressSync(bytes, { params }) };
}
