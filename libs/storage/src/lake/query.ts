import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError } from '../errors.ts';
import { loadPeer } from '../load-peer.ts';
import { quoted } from '../sql.ts';
import type { Lake } from './lake.ts';

/** An answer in SQL's own order of columns; whole numbers beyond 2^53 as `bigint`, times as ISO 8601 text. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Questions in SQL (DuckDB's) to a lake; each topic is a view of its name. */
export interface LakeQuery {
  /** @throws StorageError `STORAGE_QUERY` with what DuckDB says */
  query(sql: string): Promise<QueryResult>;
  close(): void;
}

/**
 * Opens the topics of a lake that `sql` may name (all without it) as they are now. Files of a bucket are fetched
 * into `cacheDir`, once each, as they never change.
 *
 * @throws StorageError `STORAGE_PEER_MISSING` without `@duckdb/node-api`
 */
export async function openLakeQuery(
  lake: Lake,
  options: { readonly cacheDir: string; readonly sql?: string },
): Promise<LakeQuery> {
  const { DuckDBInstance } = await loadPeer('@duckdb/node-api', () => import('@duckdb/node-api'));
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const topic of await lake.topics()) {
    if (options.sql !== undefined && !options.sql.includes(topic)) continue;
    const paths: string[] = [];
    for (const { key } of await lake.files(topic)) paths.push(await localPath(lake, key, options.cacheDir));
    if (paths.length === 0) continue;
    const list = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ');
    await connection.run(
      `CREATE VIEW ${quoted(topic)} AS SELECT * FROM read_parquet([${list}],
       union_by_name = true, hive_partitioning = true, hive_types_autocast = false)`,
    );
  }
  return {
    query: async (sql) => {
      try {
        const reader = await connection.runAndReadAll(sql);
        return { columns: reader.columnNames(), rows: reader.getRowsJS().map((row) => row.map(plain)) };
      } catch (cause) {
        throw new StorageError('STORAGE_QUERY', (cause as Error).message, { cause });
      }
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function localPath(lake: Lake, key: string, cacheDir: string): Promise<string> {
  const inFolder = join(lake.location, ...key.split('/'));
  if (!lake.location.includes('://')) return inFolder;
  const path = join(cacheDir, ...`${lake.location.replace('://', '/')}${key}`.split('/'));
  if (!existsSync(path)) {
    await mkdir(dirname(path), { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    await writeFile(unfinished, await lake.fileBytes(key));
    await rename(unfinished, path);
  }
  return path;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return value instanceof Date ? value.toISOString() : value;
}
