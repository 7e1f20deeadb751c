import type {
  ColumnChunk,
  CompressionCodec,
  Encoding,
  FileMetaData,
  RowGroup,
  SchemaElement,
} from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import type { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { Column } from '../../contract.ts';
import { columnPages } from './column-pages.ts';
import type { Rows } from './column-pages.ts';
import type { RowBuffer } from './row-buffer.ts';

/** Key of the file's metadata under which the columns are kept as JSON: Parquet knows no column of JSON text as such. */
export const columnsKey = 'millrace.columns';

export interface Codec {
  readonly name: CompressionCodec;
  compress(bytes: Uint8Array): Uint8Array;
}

/** The parts of hyparquet-writer that write headers and metadata; it encodes values far slower than typed arrays can be. */
export interface Thrift {
  newWriter(): ByteWriter;
  readonly writePageHeader: typeof writePageHeader;
  readonly writeMetadata: typeof writeMetadata;
}

interface Output {
  readonly writer: ByteWriter;
  readonly thrift: Thrift;
  readonly codec: Codec;
}

/** DuckDB's row group size; a group is what a reader skips by statistics. */
const rowsPerGroup = 122_880;
/** `PAR1` */
const magic = 0x31524150;

/** The rows of a buffer as a Parquet file. @see https://parquet.apache.org/docs/file-format/ */
export function writeFile(
  buffer: RowBuffer,
  { thrift, codec }: Pick<Output, 'thrift' | 'codec'>,
): Uint8Array {
  const { columns, length } = buffer;
  const writer = thrift.newWriter();
  const output: Output = { writer, thrift, codec };
  writer.appendUint32(magic);
  const groups: RowGroup[] = [];
  for (let from = 0; from < length; from += rowsPerGroup) {
    groups.push(writeGroup(output, buffer, { from, to: Math.min(from + rowsPerGroup, length) }));
  }
  const metadata: Omit<FileMetaData, 'metadata_length'> = {
    version: 2,
    created_by: '@millrace/storage',
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(schemaElement)],
    num_rows: BigInt(length),
    row_groups: groups,
    key_value_metadata: [{ key: columnsKey, value: JSON.stringify(columns) }],
  };
  thrift.writeMetadata(writer, metadata as FileMetaData);
  writer.appendUint32(magic);
  return writer.getBytes();
}

function writeGroup(output: Output, { columns, cells }: RowBuffer, rows: Rows): RowGroup {
  const start = output.writer.offset;
  const chunks = columns.map((column, index) => writeChunk(output, { column, cells: cells[index]!, rows }));
  const bytes = chunks.reduce((sum, { meta_data }) => sum + meta_data!.total_uncompressed_size, 0n);
  return {
    columns: chunks,
    total_byte_size: bytes,
    num_rows: BigInt(rows.to - rows.from),
    total_compressed_size: BigInt(output.writer.offset - start),
  };
}

function writeChunk(
  { writer, thrift, codec }: Output,
  { column, cells, rows }: { column: Column; cells: RowBuffer['cells'][number]; rows: Rows },
): ColumnChunk {
  const start = writer.offset;
  const { encoding, dictionary, pages, statistics } = columnPages(column, cells, rows);
  let uncompressed = 0;
  const put = (
    type: 'DICTIONARY_PAGE' | 'DATA_PAGE_V2',
    page: { levels: Uint8Array; values: Uint8Array },
    header: object,
  ) => {
    const { levels, values } = page;
    const compressed = codec.compress(values);
    const headerAt = writer.offset;
    thrift.writePageHeader(writer, {
      type,
      uncompressed_page_size: levels.length + values.length,
      compressed_page_size: levels.length + compressed.length,
      ...header,
    });
    uncompressed += writer.offset - headerAt + levels.length + values.length;
    writer.appendBytes(levels);
    writer.appendBytes(compressed);
  };
  if (dictionary !== undefined) {
    const { count, bytes } = dictionary;
    const dictionary_page_header = { num_values: count, encoding: 'PLAIN' };
    put('DICTIONARY_PAGE', { levels: new Uint8Array(0), values: bytes }, { dictionary_page_header });
  }
  const dataAt = writer.offset;
  for (const page of pages) {
    const data_page_header_v2 = {
      num_values: page.rows,
      num_nulls: page.nulls,
      num_rows: page.rows,
      encoding,
      definition_levels_byte_length: page.levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: true,
    };
    put('DATA_PAGE_V2', page, { data_page_header_v2 });
  }
  const encodings: Encoding[] = dictionary === undefined ? [encoding] : ['PLAIN', encoding];
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: physicalTypes[column.type].type!,
      encodings: column.nullable ? [...encodings, 'RLE'] : encodings,
      path_in_schema: [column.name],
      codec: codec.name,
      num_values: BigInt(rows.to - rows.from),
      total_uncompressed_size: BigInt(uncompressed),
      total_compressed_size: BigInt(writer.offset - start),
      data_page_offset: BigInt(dataAt),
      ...(dictionary === undefined ? {} : { dictionary_page_offset: BigInt(start) }),
      statistics,
    },
  };
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
