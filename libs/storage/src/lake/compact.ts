import type { Column } from '../contract.ts';
import { compactedKey, folderOf, parseDataKey, snapshotKey } from './keys.ts';
import { encodeEntry, readTopic } from './manifest.ts';
import type { DataFile, TopicState } from './manifest.ts';
import type { ObjectStore } from './object-store.ts';
import type { Parquet } from './parquet/parquet.ts';
import { RowBuffer } from './parquet/row-buffer.ts';

/** Which files are joined. */
export interface CompactOptions {
  /** A folder is left alone with fewer small files than this; 4 by default. */
  readonly minFiles?: number;
  /** Files under this size are small, and joined ones grow to about it; 16 MiB by default. */
  readonly targetBytes?: number;
}

/** What a compaction did. `false` for `applied`: another one was faster, and nothing has changed. */
export interface Compacted {
  readonly applied: boolean;
  readonly joined: number;
  readonly written: number;
  readonly deleted: number;
}

const defaultMinFiles = 4;
const defaultTargetBytes = 16 << 20;

/**
 * Joins small files of a folder, writes the next snapshot, then deletes what the snapshot before it no longer
 * listed: readers of that one have until the next compaction.
 */
export async function compactTopic(
  options: CompactOptions & {
    readonly topic: string;
    readonly store: ObjectStore;
    readonly parquet: Parquet;
  },
): Promise<Compacted> {
  const { topic, store, parquet } = options;
  const { minFiles = defaultMinFiles, targetBytes = defaultTargetBytes } = options;
  const state = await readTopic(store, topic);
  const groups = chooseGroups(state.files, minFiles, targetBytes);
  const number = state.snapshot + 1;
  const written: DataFile[] = [];
  for (const [index, group] of groups.entries()) {
    const folder = folderOf((group[0] as DataFile).key);
    written.push(await join(group, { key: compactedKey(topic, folder, number, index), store, parquet }));
  }
  const joined = new Set(groups.flat().map((file) => file.key));
  const files = [...state.files.filter((file) => !joined.has(file.key)), ...written];
  const none = { applied: true, joined: 0, written: 0, deleted: 0 };
  if (groups.length === 0 && state.commitKeys.length < minFiles) {
    return { ...none, deleted: await deleteUnlisted(state, { topic, store, keep: new Set() }) };
  }
  const entry = encodeEntry({ files, nextOffsets: state.nextOffsets });
  if (!(await store.create(snapshotKey(topic, number), entry))) return { ...none, applied: false };
  await store.delete([
    ...state.commitKeys,
    ...(state.snapshot === 0 ? [] : [snapshotKey(topic, state.snapshot)]),
  ]);
  const after = { ...state, snapshot: number, files };
  const deleted = await deleteUnlisted(after, { topic, store, keep: joined });
  return { applied: true, joined: joined.size, written: written.length, deleted };
}

/** Files of one folder and the same columns, in groups of about the target size. */
function chooseGroups(files: readonly DataFile[], minFiles: number, targetBytes: number): DataFile[][] {
  const small = Map.groupBy(
    files.filter((file) => file.bytes < targetBytes),
    (file) => `${folderOf(file.key)} ${file.schema}`,
  );
  const groups: DataFile[][] = [];
  for (const alike of small.values()) {
    if (alike.length < minFiles) continue;
    let group: DataFile[] = [];
    let bytes = 0;
    for (const file of alike.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
      if (group.length > 0 && bytes + file.bytes > targetBytes) {
        groups.push(group);
        group = [];
        bytes = 0;
      }
      group.push(file);
      bytes += file.bytes;
    }
    groups.push(group);
  }
  return groups.filter((group) => group.length > 1);
}

async function join(
  group: readonly DataFile[],
  into: { readonly key: string; readonly store: ObjectStore; readonly parquet: Parquet },
): Promise<DataFile> {
  let buffer: RowBuffer | undefined;
  for (const file of group) {
    const bytes = await into.store.get(file.key);
    if (bytes === undefined) throw new Error(`${file.key} is listed but not there`);
    const { columns, rows } = await into.parquet.decode(bytes);
    buffer ??= new RowBuffer(columns as readonly Column[]);
    for (const row of rows) buffer.append(row);
  }
  const bytes = into.parquet.encode(buffer as RowBuffer);
  await into.store.create(into.key, bytes);
  return {
    key: into.key,
    rows: (buffer as RowBuffer).length,
    bytes: bytes.length,
    minTimeMs: Math.min(...group.map((file) => file.minTimeMs)),
    maxTimeMs: Math.max(...group.map((file) => file.maxTimeMs)),
    schema: (group[0] as DataFile).schema,
  };
}

/**
 * Deletes files that no manifest lists and that none can come to list: of ranges that are committed otherwise
 * (a writer that lost), joined before the last compaction, or of a compaction that lost.
 */
async function deleteUnlisted(
  state: TopicState,
  {
    topic,
    store,
    keep,
  }: { readonly topic: string; readonly store: ObjectStore; readonly keep: ReadonlySet<string> },
): Promise<number> {
  const listed = new Set(state.files.map((file) => file.key));
  const doomed: string[] = [];
  for await (const { key } of store.list(`${topic}/`)) {
    if (listed.has(key) || keep.has(key)) continue;
    const range = parseDataKey(key);
    const isOver =
      range === undefined
        ? isOldCompaction(key, state.snapshot)
        : range.firstOffset < (state.nextOffsets[range.partition] ?? 0);
    if (isOver) doomed.push(key);
  }
  await store.delete(doomed);
  return doomed.length;
}

function isOldCompaction(key: string, snapshot: number): boolean {
  const number = /\/compacted-(\d+)-\d+\.parquet$/.exec(key)?.[1];
  return number !== undefined && Number(number) <= snapshot;
}
