import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openLake } from '@millrace/storage';
import type { Row } from '@millrace/storage';
import type { Aim } from '../bench.ts';
import { atLeast, atMost, median } from '../bench.ts';
import { checkEvents, duckdbWriter, bytesOf } from './duckdb-writer.ts';
import { clicks } from './rows.ts';

const events = 300_000;
const rounds = 4;

/** Writes click events as Parquet files, beside DuckDB that is handed the same objects, and compares speed and size. */
export async function benchLake(): Promise<Aim[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-lake-'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    const rows = clicks.make(events);
    const lake = await openLake(`file:${join(folder, 'ours')}`);
    const duckdb = duckdbWriter(connection, clicks.columns);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const lakeRate = await rate(rows, async () => {
        const file = lake.file({ ...clicksFile, topic: `clicks-${round}` });
        for (let offset = 0; offset < rows.length; offset++)
          file.append(rows[offset]!, offset, rows[offset]!['event_time'] as number);
        await file.commit(rows.length);
      });
      const copy = join(folder, `duckdb-${round}.parquet`);
      const duckdbRate = await rate(rows, () => duckdb(rows, copy));
      if (round === 0) continue; // It warms both up.
      ours.push(lakeRate);
      theirs.push(duckdbRate);
    }
    const listed = await lake.files(`clicks-${rounds}`);
    const files = listed.map(({ key }) => join(folder, 'ours', key));
    const copy = join(folder, `duckdb-${rounds}.parquet`);
    await checkEvents(connection, files, rows);
    await checkEvents(connection, [copy], rows);
    const [bytes, duckdbBytes] = [bytesOf(files), bytesOf([copy])];
    const line = (rates: readonly number[], size: number): string =>
      `${Math.round(median(rates)).toLocaleString('en').padStart(9)} rows/s into ${size.toLocaleString('en')} bytes`;
    console.log(`parquet     ours ${line(ours, bytes)}, committed and synced to disk`);
    console.log(`            DuckDB ${line(theirs, duckdbBytes)} (appended in chunks, COPY with zstd)`);
    const ratios = ours.map((own, round) => own / (theirs[round] as number));
    return [
      atLeast('Parquet clickstream rows', 300_000, median(ours), 'rows/s'),
      atLeast("Parquet speed against DuckDB's from the same objects", 1, median(ratios), '×'),
      atMost("Parquet bytes against DuckDB's", 1.2, bytes / duckdbBytes, '×'),
    ];
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}

const clicksFile = { partition: 0, columns: clicks.columns, firstOffset: 0 };

async function rate(rows: readonly Row[], write: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await write();
  return rows.length / ((performance.now() - startedAt) / 1_000);
}
