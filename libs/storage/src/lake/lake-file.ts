import { createHash } from 'node:crypto';
import type { Column, Row } from '../contract.ts';
import { StorageError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import { checkTopic, commitKey, dataKey, hourMs, timeFolder } from './keys.ts';
import type { PartitionBy } from './keys.ts';
import { encodeEntry, readNextOffset } from './manifest.ts';
import type { DataFile } from './manifest.ts';
import type { ObjectStore } from './object-store.ts';
import type { Parquet } from './parquet/parquet.ts';
import { RowBuffer } from './parquet/row-buffer.ts';

/** What a file's events have in common. */
export interface FileOptions {
  readonly topic: string;
  readonly partition: number;
  /** Columns of the events; `kafka_partition` and `kafka_offset` are added. */
  readonly columns: readonly Column[];
  /** The position that the file begins at: the previous one's `nextOffset`, or where reading begins. */
  readonly firstOffset: number;
}

/** Where an event came from, as the last columns of every file. */
const originColumns: readonly Column[] = [
  { name: 'kafka_partition', type: 'long', nullable: false },
  { name: 'kafka_offset', type: 'long', nullable: false },
];

/** Of one commit: events of a long time lie in many folders. */
const filesInFlight = 16;

interface Part {
  readonly buffer: RowBuffer;
  minTimeMs: number;
  maxTimeMs: number;
}

/** Names columns, so that files with equal ones can be told. */
export function schemaName(columns: readonly Column[]): string {
  const text = JSON.stringify(columns.map(({ name, type, nullable }) => [name, type, nullable]));
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** Events of one partition on their way into the lake; kept in memory until `commit`. */
export class LakeFile {
  readonly #options: FileOptions & { store: ObjectStore; parquet: Parquet; partitionBy: PartitionBy };
  readonly #columns: readonly Column[];
  readonly #parts = new Map<string, Part>();
  /** Partition and offset of the row that is appended. */
  readonly #origin: number[];
  /** The part that the last event went to, by its hour: most events lie in that of the one before. */
  #lastHour = NaN;
  #lastPart: Part | undefined;
  #rows = 0;
  #commitsRunning = 0;

  constructor(options: FileOptions & { store: ObjectStore; parquet: Parquet; partitionBy: PartitionBy }) {
    checkTopic(options.topic);
    const taken = options.columns.find(
      (column) => column.name.startsWith('kafka_') || column.name.startsWith('event_date'),
    );
    if (taken !== undefined) {
      throw new StorageError(
        'STORAGE_TABLE',
        `column ${taken.name} has a name that the lake uses itself: rename it.`,
      );
    }
    this.#options = options;
    this.#columns = [
      ...options.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
      ...originColumns,
    ];
    this.#origin = [options.partition, 0];
  }

  /** Events in it. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Adds an event; `row` is copied. `timeMs` is the event time, which chooses the folder.
   *
   * @throws StorageError `STORAGE_ROW` when a value does not fit its column; the event is not in the file then
   * @throws StorageError `STORAGE_FAILED` during a commit, whose range would not name the event
   */
  append(row: Row, offset: number, timeMs: number): void {
    if (this.#commitsRunning > 0) throw this.#beingCommitted();
    const part = this.#partOf(timeMs);
    this.#origin[1] = offset;
    part.buffer.append(row, this.#origin);
    if (timeMs < part.minTimeMs) part.minTimeMs = timeMs;
    if (timeMs > part.maxTimeMs) part.maxTimeMs = timeMs;
    this.#rows++;
  }

  #partOf(timeMs: number): Part {
    const hour = Math.floor(timeMs / hourMs);
    if (hour === this.#lastHour) return this.#lastPart!;
    const folder = timeFolder(timeMs, this.#options.partitionBy);
    let part = this.#parts.get(folder);
    if (part === undefined) {
      part = { buffer: new RowBuffer(this.#columns), minTimeMs: timeMs, maxTimeMs: timeMs };
      this.#parts.set(folder, part);
    }
    this.#lastHour = hour;
    return (this.#lastPart = part);
  }

  /**
   * Writes the files, then the commit that makes them count. May be repeated after an error that is retriable.
   *
   * @param nextOffset the position behind the last record read, set-aside ones included
   * @throws StorageError `STORAGE_CONFLICT` when another writer was here first: ask `nextOffset()` and read from there
   */
  async commit(nextOffset: number): Promise<readonly DataFile[]> {
    this.#commitsRunning++;
    try {
      return await this.#commit(nextOffset);
    } finally {
      this.#commitsRunning--;
    }
  }

  async #commit(nextOffset: number): Promise<readonly DataFile[]> {
    const { store, parquet, topic, partition, firstOffset } = this.#options;
    const range = { topic, partition, firstOffset, nextOffset };
    if (!(
      Number.isSafeInteger(firstOffset) &&
      Number.isSafeInteger(nextOffset) &&
      nextOffset > firstOffset
    )) {
      throw new StorageError(
        'STORAGE_TABLE',
        `offsets [${firstOffset}, ${nextOffset}) are no range of ${topic}/${partition}.`,
      );
    }
    const stored = await readNextOffset(store, { topic, partition, fromOffset: firstOffset });
    const key = commitKey(range);
    if (stored !== undefined && stored > firstOffset && !(await this.#isOurs(key, nextOffset))) {
      throw conflict(range, stored);
    }
    const schema = schemaName(this.#columns);
    const files = await inParallel([...this.#parts], filesInFlight, async ([folder, part]) => {
      const { buffer, minTimeMs, maxTimeMs } = part;
      const bytes = parquet.encode(buffer);
      const file = { key: dataKey(range, folder, schema), rows: buffer.length, bytes: bytes.length };
      // One that is there already is of an earlier attempt at the same range: the same events.
      await store.create(file.key, bytes);
      return { ...file, minTimeMs, maxTimeMs, schema };
    });
    const entry = encodeEntry({ firstOffset, nextOffset, files });
    if ((await store.create(key, entry)) || (await this.#isOurs(key, nextOffset))) return files;
    const next = await readNextOffset(store, { topic, partition });
    // The winner's files have other keys unless they hold the same range, and then the commit would be ours.
    await store.delete(files.map((file) => file.key));
    throw conflict(range, next);
  }

  #beingCommitted(): StorageError {
    const { topic, partition } = this.#options;
    return new StorageError(
      'STORAGE_FAILED',
      `the file of ${topic}/${partition} is being committed: wait for that, or begin another one.`,
    );
  }

  /** Whether the commit that is there is of the same range: our own, whose answer was lost, or a twin's with the same events. */
  async #isOurs(key: string, nextOffset: number): Promise<boolean> {
    const found = await this.#options.store.get(key);
    return (
      found !== undefined &&
      (JSON.parse(Buffer.from(found).toString('utf8')) as { nextOffset: number }).nextOffset === nextOffset
    );
  }
}

function conflict(
  range: { topic: string; partition: number; firstOffset: number },
  next: number | undefined,
): StorageError {
  return new StorageError(
    'STORAGE_CONFLICT',
    `${range.topic}/${range.partition} has events from offset ${range.firstOffset} in the lake already: go on from offset ${next}.`,
  );
}
