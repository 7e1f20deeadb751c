import type { Column, Health, Row } from '../contract.ts';
import { StorageError } from '../errors.ts';
import type { CompactOptions, Compacted } from './compact.ts';
import { compactTopic } from './compact.ts';
import { checkTopic } from './keys.ts';
import type { PartitionBy } from './keys.ts';
import { LakeFile } from './lake-file.ts';
import type { FileOptions } from './lake-file.ts';
import { readNextOffset, readTopic, readTopics } from './manifest.ts';
import type { DataFile } from './manifest.ts';
import type { ObjectStore } from './object-store.ts';
import { loadParquet } from './parquet/parquet.ts';

/** A file's events in one call. */
export interface AppendOptions extends FileOptions {
  readonly rows: readonly { readonly offset: number; readonly timeMs: number; readonly row: Row }[];
  /** The position behind the file's last record. */
  readonly nextOffset: number;
}

/** Raw events as Parquet files by topic, date and hour, each event once. Every method rejects with a `StorageError`. */
export interface Lake {
  readonly location: string;
  /**
   * Where to go on reading a partition: behind the last event that is in the lake, whatever a consumer group's
   * offsets say; `undefined` for a partition that has nothing there.
   */
  nextOffset(topic: string, partition: number): Promise<number | undefined>;
  /** A file to be filled row by row and committed. */
  file(options: FileOptions): LakeFile;
  /** Writes and commits a file in one call. @throws StorageError as {@link LakeFile.commit} */
  appendFile(options: AppendOptions): Promise<readonly DataFile[]>;
  topics(): Promise<string[]>;
  /** The files that make up a topic now. */
  files(topic: string): Promise<readonly DataFile[]>;
  /** The events of one of these files: whole numbers and times as numbers (`bigint` beyond 2^53), JSON parsed. */
  rows(key: string): Promise<readonly Row[]>;
  /** The bytes of one of these files. */
  fileBytes(key: string): Promise<Uint8Array>;
  /** Joins small files and shortens the manifest; safe beside writers, readers and other compactions. */
  compact(topic: string, options?: CompactOptions): Promise<Compacted>;
  health(): Promise<Health>;
  close(): Promise<void>;
}

/** A lake on a folder or bucket; see `openLake`. @throws StorageError `STORAGE_PEER_MISSING` */
export async function lakeOn(
  store: ObjectStore,
  options: { readonly partitionBy?: PartitionBy } = {},
): Promise<Lake> {
  const parquet = await loadParquet();
  const { partitionBy = 'hour' } = options;
  const lake: Lake = {
    location: store.location,
    nextOffset: async (topic, partition) => {
      checkTopic(topic);
      return readNextOffset(store, { topic, partition });
    },
    file: (file) => new LakeFile({ ...file, store, parquet, partitionBy }),
    appendFile: async ({ rows, nextOffset, ...options }) => {
      const file = lake.file(options);
      for (const { row, offset, timeMs } of rows) file.append(row, offset, timeMs);
      return file.commit(nextOffset);
    },
    topics: () => readTopics(store),
    files: async (topic) => {
      checkTopic(topic);
      return (await readTopic(store, topic)).files;
    },
    fileBytes: async (key) => {
      const bytes = await store.get(key);
      if (bytes !== undefined) return bytes;
      throw new StorageError(
        'STORAGE_FAILED',
        `${key} is not in ${store.location} (any more): list the files again.`,
      );
    },
    rows: async (key) => {
      const { columns, rows } = await parquet.decode(await lake.fileBytes(key));
      return rows.map((row) => plainRow(columns, row));
    },
    compact: async (topic, compaction = {}) => {
      checkTopic(topic);
      return compactTopic({ ...compaction, topic, store, parquet });
    },
    health: async () => {
      try {
        await store.health();
        return { ok: true, detail: store.location };
      } catch (error) {
        return { ok: false, detail: (error as Error).message };
      }
    },
    close: () => store.close(),
  };
  return lake;
}

function plainRow(columns: readonly Column[], row: Row): Row {
  const plain: Record<string, unknown> = {};
  for (const { name } of columns) {
    const value = row[name];
    plain[name] = typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  return plain;
}
