import { StorageError } from '../errors.ts';
import {
  commitKey,
  commitPrefix,
  manifestPrefix,
  parseCommitKey,
  snapshotKey,
  snapshotPrefix,
} from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** One Parquet file of a topic. */
export interface DataFile {
  readonly key: string;
  readonly rows: number;
  readonly bytes: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  /** Names its columns: files of equal columns have the same. */
  readonly schema: string;
}

/** What one append added: the events of a partition with offsets `[firstOffset, nextOffset)`. Files count once it is there. */
export interface Commit {
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly files: readonly DataFile[];
}

/** All files of a topic up to some offsets; later commits add to it. Compaction writes the next one. */
export interface Snapshot {
  readonly files: readonly DataFile[];
  /** By partition: commits from here on are not in it. */
  readonly nextOffsets: Readonly<Record<string, number>>;
}

/** A topic's files at one moment. */
export interface TopicState {
  /** The number of the snapshot it stands on, 0 if there is none. */
  readonly snapshot: number;
  readonly files: readonly DataFile[];
  readonly nextOffsets: Readonly<Record<string, number>>;
  readonly commitKeys: readonly string[];
}

/** Reads a topic's files: the newest snapshot and the commits since. */
export async function readTopic(store: ObjectStore, topic: string): Promise<TopicState> {
  for (;;) {
    const number = await newestSnapshot(store, topic);
    const snapshot = await readSnapshot(store, topic, number);
    const nextOffsets: Record<string, number> = { ...snapshot.nextOffsets };
    const files = [...snapshot.files];
    const commitKeys: string[] = [];
    for await (const { key } of store.list(`${manifestPrefix}${topic}/commits/`)) {
      const { partition, firstOffset } = parseCommitKey(key);
      if (firstOffset < (snapshot.nextOffsets[partition] ?? 0)) continue;
      const commit = await readCommit(store, key);
      if (commit === undefined) continue;
      commitKeys.push(key);
      files.push(...commit.files);
      nextOffsets[partition] = commit.nextOffset;
    }
    // A compaction that ended meanwhile has deleted commits that it took in: then look again.
    if ((await newestSnapshot(store, topic)) === number)
      return { snapshot: number, files, nextOffsets, commitKeys };
  }
}

/**
 * The offset from which a partition's events are not in the lake yet, or `undefined` for a partition it does not know.
 *
 * @param fromOffset only commits from here on are looked at, which spares listing the others
 */
export async function readNextOffset(
  store: ObjectStore,
  {
    topic,
    partition,
    fromOffset = 0,
  }: { readonly topic: string; readonly partition: number; readonly fromOffset?: number },
): Promise<number | undefined> {
  const after = fromOffset === 0 ? undefined : commitKey({ topic, partition, firstOffset: fromOffset - 1 });
  for (;;) {
    const number = await newestSnapshot(store, topic);
    const { nextOffsets } = await readSnapshot(store, topic, number);
    let next = nextOffsets[partition];
    let newest: string | undefined;
    for await (const { key } of store.list(commitPrefix(topic, partition), after)) newest = key;
    if (newest !== undefined) {
      const commit = await readCommit(store, newest);
      if (commit !== undefined) next = Math.max(next ?? 0, commit.nextOffset);
    }
    if ((await newestSnapshot(store, topic)) === number) return next;
  }
}

/** The topics that have files. */
export async function readTopics(store: ObjectStore): Promise<string[]> {
  const topics = new Set<string>();
  for await (const { key } of store.list(manifestPrefix)) topics.add(key.split('/')[1] as string);
  return [...topics];
}

/** The manifest entries as they are stored. */
export function encodeEntry(entry: Commit | Snapshot): Uint8Array {
  return Buffer.from(`${JSON.stringify(entry)}\n`);
}

async function newestSnapshot(store: ObjectStore, topic: string): Promise<number> {
  let newest = 0;
  for await (const { key } of store.list(snapshotPrefix(topic))) {
    newest = Number(key.slice(key.lastIndexOf('/') + 1, -'.json'.length));
  }
  return newest;
}

async function readSnapshot(store: ObjectStore, topic: string, number: number): Promise<Snapshot> {
  const found = number === 0 ? undefined : await readEntry<Snapshot>(store, snapshotKey(topic, number));
  return found ?? { files: [], nextOffsets: {} };
}

function readCommit(store: ObjectStore, key: string): Promise<Commit | undefined> {
  return readEntry<Commit>(store, key);
}

async function readEntry<Entry>(store: ObjectStore, key: string): Promise<Entry | undefined> {
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry;
  } catch (cause) {
    throw new StorageError(
      'STORAGE_FAILED',
      `${key} in ${store.location} is no manifest entry; restore it from a backup.`,
      {
        cause,
      },
    );
  }
}
