import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openLake } from '@millrace/storage';
import type { Aim } from '../bench.ts';
import { atLeast, atMost, median } from '../bench.ts';
import { clicks } from './rows.ts';

const events = 300_000;
const rounds = 4;

/** Writes click events as Parquet files and compares their size with what DuckDB makes of the same rows. */
export async function benchLake(): Promise<Aim[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-lake-'));
  try {
    const rows = clicks.make(events);
    const lake = await openLake(`file:${folder}`);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now();
      const file = lake.file({
        topic: `clicks-${round}`,
        partition: 0,
        columns: clicks.columns,
        firstOffset: 0,
      });
      for (let offset = 0; offset < rows.length; offset++)
        file.append(rows[offset]!, offset, rows[offset]!['event_time'] as number);
      await file.commit(rows.length);
      rates.push(rows.length / ((performance.now() - startedAt) / 1_000));
    }
    const files = await lake.files('clicks-0');
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const paths = files.map((file) => `'${join(folder, file.key)}'`).join();
    const copy = join(folder, 'duckdb.parquet');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const answer = await connection.runAndReadAll(
      `SELECT count(*)::int, count(DISTINCT kafka_offset)::int, sum(product_id)::double, count(load_ms)::int FROM read_parquet([${paths}])`,
    );
    const expected = [
      events,
      events,
      rows.reduce((sum, row) => sum + ((row['product_id'] as number | null) ?? 0), 0),
      rows.filter((row) => row['load_ms'] !== null).length,
    ];
    if (JSON.stringify(answer.getRowsJS()[0]) !== JSON.stringify(expected)) {
      throw new Error(
        `the lake holds ${JSON.stringify(answer.getRowsJS()[0])}, not ${JSON.stringify(expected)}`,
      );
    }
    await connection.run(
      `COPY (SELECT * FROM read_parquet([${paths}]) ORDER BY kafka_offset) TO '${copy}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    const duckdbBytes = statSync(copy).size;
    console.log(
      `lake        ${Math.round(median(rates)).toLocaleString('en')} events/s into ${files.length} file(s) of ${bytes.toLocaleString('en')} bytes; DuckDB, zstd: ${duckdbBytes.toLocaleString('en')} bytes`,
    );
    return [
      atLeast('Parquet clickstream rows', 300_000, median(rates), 'rows/s'),
      atMost("Parquet bytes against DuckDB's", 1.2, bytes / duckdbBytes, '×'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
