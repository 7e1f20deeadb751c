import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import type { Column, Row } from '../contract.ts';
import { StorageError } from '../errors.ts';
import { loadPeer } from '../load-peer.ts';
import type { RowBuffer, Values } from './row-buffer.ts';

/** DuckDB's row group size; a group is what a reader skips by statistics. */
const rowsPerGroup = 122_880;
const compressionLevel = 1;

/** Key of the file's metadata under which the columns are kept as JSON: Parquet knows no column of JSON text as such. */
const columnsKey = 'millrace.columns';

/** Turns rows into the bytes of a Parquet file, and back. */
export interface Parquet {
  encode(buffer: RowBuffer): Uint8Array;
  /** Rows as {@link RowBuffer.append} takes them: whole numbers and times as `bigint`, JSON parsed. */
  decode(bytes: Uint8Array): Promise<{ readonly columns: readonly Column[]; readonly rows: readonly Row[] }>;
}

/** @throws StorageError `STORAGE_PEER_MISSING` */
export async function loadParquet(): Promise<Parquet> {
  const { ByteWriter, parquetWrite } = await loadPeer('hyparquet-writer', () => import('hyparquet-writer'));
  const { parquetMetadataAsync, parquetReadObjects } = await loadPeer('hyparquet', () => import('hyparquet'));
  // Node 20 has no zstd; the writer's own snappy is read everywhere too.
  const withZstd = typeof zstdCompressSync === 'function';
  const params = { [constants.ZSTD_c_compressionLevel]: compressionLevel };

  return {
    encode: (buffer) => {
      const writer = new ByteWriter();
      parquetWrite({
        writer,
        schema: [{ name: 'root', num_children: buffer.columns.length }, ...buffer.columns.map(schemaElement)],
        columnData: buffer.columns.map((column, index) => ({
          name: column.name,
          data: buffer.values[index] as Values,
          // Times and offsets rise slowly, and small numbers are packed as tightly as a dictionary would, in a fraction of its time.
          ...(isWhole(column) ? { encoding: 'DELTA_BINARY_PACKED' as const } : {}),
        })),
        rowGroupSize: rowsPerGroup,
        createdBy: '@millrace/storage',
        kvMetadata: [{ key: columnsKey, value: JSON.stringify(buffer.columns) }],
        ...(withZstd
          ? { codec: 'ZSTD' as const, compressors: { ZSTD: (bytes) => zstdCompressSync(bytes, { params }) } }
          : {}),
      });
      return writer.getBytes();
    },
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
        compressors: { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) },
        parsers: { timestampFromMilliseconds: (timeMs: bigint) => timeMs },
      });
      for (const row of rows) {
        for (const name of json) if (row[name] != null) row[name] = JSON.parse(row[name] as string);
      }
      return { columns, rows };
    },
  };
}

function isWhole(column: Column): boolean {
  return column.type === 'long' || column.type === 'timestamp';
}

function schemaElement(column: Column): SchemaElement {
  const repetition_type = column.nullable ? 'OPTIONAL' : 'REQUIRED';
  return { name: column.name, repetition_type, ...physicalTypes[column.type] };
}

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;
const physicalTypes: Record<Column['type'], Omit<SchemaElement, 'name' | 'repetition_type'>> = {
  string: text,
  json: text,
  long: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
};
