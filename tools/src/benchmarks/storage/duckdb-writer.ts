import { statSync } from 'node:fs';
import {
  BIGINT,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBConnection,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { Column, Row } from '@millrace/storage';

/** DuckDB's own vector size. */
const chunkRows = 2_048;
const duckdbTypes = { string: VARCHAR, double: DOUBLE, long: BIGINT, timestamp: BIGINT } as const;

/** Writes rows as the lake does, by DuckDB: columns in chunks by its appender, then COPY. */
export function duckdbWriter(
  connection: DuckDBConnection,
  columns: readonly Column[],
): (rows: readonly Row[], path: string) => Promise<void> {
  const types = columns.map(({ type }) => duckdbTypes[type as keyof typeof duckdbTypes]);
  const definitions = columns.map(({ name }, index) => `"${name}" ${types[index]!.toString()}`);
  const selected = columns.map(({ name, type }) =>
    type === 'timestamp' ? `epoch_ms("${name}") "${name}"` : `"${name}"`,
  );
  const cell = ({ name, type }: Column, row: Row): DuckDBValue => {
    const value = row[name] as string | number | null;
    return value !== null && (type === 'long' || type === 'timestamp') ? BigInt(value) : value;
  };
  return async (rows, path) => {
    await connection.run(
      `CREATE OR REPLACE TABLE bare (${definitions.join()}, kafka_partition BIGINT, kafka_offset BIGINT)`,
    );
    const appender = await connection.createAppender('bare');
    for (let from = 0; from < rows.length; from += chunkRows) {
      const part = rows.slice(from, from + chunkRows);
      const chunk = DuckDBDataChunk.create([...types, BIGINT, BIGINT]);
      chunk.setColumns([
        ...columns.map((column) => part.map((row) => cell(column, row))),
        part.map(() => 0n),
        part.map((_row, index) => BigInt(from + index)),
      ]);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    await connection.run(
      `COPY (SELECT ${selected.join()}, kafka_partition, kafka_offset FROM bare) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
    );
  };
}

/** Throws unless the files hold each of the click events once, whole. */
export async function checkEvents(
  connection: DuckDBConnection,
  files: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const list = files.map((file) => `'${file}'`).join();
  const startMs = rows[0]!['event_time'] as number;
  const answer = await connection.runAndReadAll(
    `SELECT count(*)::double, count(DISTINCT kafka_offset)::double, sum(product_id)::double, count(load_ms)::double,
       sum(epoch_ms(event_time) - ${startMs})::double, count(DISTINCT user_id)::double FROM read_parquet([${list}])`,
  );
  const sum = (name: string, less = 0): number =>
    rows.reduce((total, row) => total + ((row[name] as number | null) ?? less) - less, 0);
  const expected = [
    rows.length,
    rows.length,
    sum('product_id'),
    rows.filter((row) => row['load_ms'] !== null).length,
    sum('event_time', startMs),
    new Set(rows.map((row) => row['user_id'])).size,
  ];
  const found = answer.getRowsJS()[0];
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`the files hold ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
}

/** Bytes of files together. */
export function bytesOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}
