import { StorageError } from '../errors.ts';

const manifestFolder = '_manifest';
const topicPattern = /^[A-Za-z0-9._-]{1,249}$/;
/** 2^53 has 16 digits; with leading zeros the order of names is the order of offsets. */
const offsetDigits = 16;
const partitionDigits = 5;

/** How events are spread over folders. */
export type PartitionBy = 'hour' | 'day';

/**
 * A topic name that is safe as part of a key: Kafka's own rule.
 *
 * @throws StorageError `STORAGE_TABLE`
 */
export function checkTopic(topic: string): void {
  if (topicPattern.test(topic) && topic !== '.' && topic !== '..' && topic !== manifestFolder) return;
  const shown = JSON.stringify(topic).slice(0, 80);
  throw new StorageError(
    'STORAGE_TABLE',
    `${shown} is no topic name: use letters, digits, ".", "_" and "-", at most 249.`,
  );
}

/** No folder holds less time than this. */
export const hourMs = 3_600_000;
const firstMs = Date.parse('0001-01-01T00:00:00Z');
const endMs = Date.parse('9999-12-31T23:00:00Z') + hourMs;

/** Where events of a time lie: `event_date=2026-11-22/event_hour=08/`, in UTC; times outside the years 1 to 9999 lie together. */
export function timeFolder(timeMs: number, by: PartitionBy): string {
  if (!(timeMs >= firstMs && timeMs < endMs)) return 'event_date=beyond/';
  const iso = new Date(timeMs).toISOString();
  const day = `event_date=${iso.slice(0, 10)}/`;
  return by === 'day' ? day : `${day}event_hour=${iso.slice(11, 13)}/`;
}

/** A file of events of one partition with offsets `[firstOffset, nextOffset)`. */
export interface FileRange {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
}

/** The key of a data file: the same range, folder and columns always give the same key. */
export function dataKey(range: FileRange, folder: string, schema: string): string {
  const partition = String(range.partition).padStart(partitionDigits, '0');
  const name = [partition, digits(range.firstOffset), digits(range.nextOffset), schema].join('-');
  return `${range.topic}/${folder}${name}.parquet`;
}

/** What a data file's key says, or `undefined` for one that compaction made. */
export function parseDataKey(
  key: string,
): { readonly partition: number; readonly firstOffset: number } | undefined {
  const [, partition, firstOffset] = /\/(\d{5,})-(\d{16})-\d{16}-[^/]*$/.exec(key) ?? [];
  return partition === undefined
    ? undefined
    : { partition: Number(partition), firstOffset: Number(firstOffset) };
}

/** Where all manifests are. */
export const manifestPrefix = `${manifestFolder}/`;

/** The key of a file that compaction made, by the snapshot that lists it. */
export function compactedKey(topic: string, folder: string, snapshot: number, index: number): string {
  return `${topic}/${folder}compacted-${snapshotDigits(snapshot)}-${index}.parquet`;
}

/** Where the commits of a partition are, by first offset. */
export function commitPrefix(topic: string, partition: number): string {
  return `${manifestFolder}/${topic}/commits/${String(partition).padStart(partitionDigits, '0')}/`;
}

/** The key of the commit of a range: two writers of the same first offset meet here, and one loses. */
export function commitKey({ topic, partition, firstOffset }: Omit<FileRange, 'nextOffset'>): string {
  return `${commitPrefix(topic, partition)}${digits(firstOffset)}.json`;
}

/** The partition and first offset of a commit's key. */
export function parseCommitKey(key: string): { readonly partition: number; readonly firstOffset: number } {
  const [partition, name] = key.split('/').slice(-2) as [string, string];
  return { partition: Number(partition), firstOffset: Number(name.slice(0, offsetDigits)) };
}

/** Where the snapshots of a topic are, by number. */
export function snapshotPrefix(topic: string): string {
  return `${manifestFolder}/${topic}/snapshots/`;
}

/** The key of a snapshot. */
export function snapshotKey(topic: string, snapshot: number): string {
  return `${snapshotPrefix(topic)}${snapshotDigits(snapshot)}.json`;
}

/** The folder of a data file below its topic: its date and hour. */
export function folderOf(key: string): string {
  return key.slice(key.indexOf('/') + 1, key.lastIndexOf('/') + 1);
}

function digits(offset: number): string {
  return String(offset).padStart(offsetDigits, '0');
}

function snapshotDigits(snapshot: number): string {
  return String(snapshot).padStart(10, '0');
}
