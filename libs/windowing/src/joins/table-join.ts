import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { copyValue, readValue, writeValue } from '../bytes/plain-value.ts';
import { requireDuration } from '../errors.ts';
import { KeyedState } from '../operators/keyed-state.ts';
import type { RejectedEvent } from '../operators/result.ts';
import type { LateRecord, TimedOptions } from '../operators/timed-operator.ts';
import { TimedOperator } from '../operators/timed-operator.ts';
import type { Key } from '../state/key-table.ts';
import type { JoinedRow } from './stream-join.ts';

export interface TableJoinOptions extends TimedOptions {
  /** `left`: rows for which the table has nothing come out too, with `right: null`. */
  readonly type: 'inner' | 'left';
  /**
   * Join with the table as it was at the row's event time: rows wait until the watermark of both sides is past them, and each
   * key keeps the versions of the last `historyMs`. Without it: with the table as it is when the row comes, at once.
   */
  readonly versioned?: { readonly historyMs: number };
}

export interface TableJoinSinks<Row, Entry> {
  onRow(row: JoinedRow<Row, Entry>): void;
  onLate?(late: LateRecord<Row>): void;
  onRejected?(rejected: RejectedEvent<Row | Entry>): void;
}

interface Version {
  readonly timeMs: number;
  /** Null where the entry was deleted. */
  readonly value: unknown;
}

interface KeyHistory {
  /** Ascending by time. */
  versions: Version[];
  /** Rows that wait, ascending by time. */
  waiting: { timeMs: number; row: unknown }[];
}

const STREAM = 0;
const TABLE = 1;

/** Joins rows with the latest entry of a table under the same key. Rows and entries are kept as JSON. */
export class TableJoin<Row, Entry> extends TimedOperator<Row | Entry, KeyHistory> {
  protected readonly keyed: KeyedState<KeyHistory>;
  readonly #left: boolean;
  readonly #historyMs: number | undefined;
  readonly #sinks: TableJoinSinks<Row, Entry>;

  /** @throws WindowingError WINDOWING_OPTION_INVALID */
  constructor(options: TableJoinOptions, sinks: TableJoinSinks<Row, Entry>) {
    const partitions = (options.partitions ?? [0]).flatMap((id) => [id * 2 + STREAM, id * 2 + TABLE]);
    super({ ...options, partitions }, sinks.onRejected?.bind(sinks));
    const { type, versioned } = options;
    if (versioned !== undefined) requireDuration(versioned.historyMs, 'versioned.historyMs');
    this.#left = type === 'left';
    this.#historyMs = versioned?.historyMs;
    this.#sinks = sinks;
    this.keyed = new KeyedState<KeyHistory>({
      definition: ['table-join', type, versioned],
      ...this.surroundings,
      write: writeHistory,
      read: (key, input) => this.#readHistory(key, input),
    });
  }

  /** Sets the table's entry from `timeMs` on; null deletes it. */
  upsert(key: Key, timeMs: number, value: Entry | null, partition = 0): boolean {
    if (!this.admits(key, timeMs, value as Entry, partition)) return false;
    const history = this.#historyOf(key);
    const version = { timeMs, value: value === null ? null : copyValue(value) };
    if (this.#historyMs === undefined) {
      history.versions = value === null ? [] : [version];
    } else {
      const { versions } = history;
      let at = versions.length;
      while (at > 0 && versions[at - 1]!.timeMs > timeMs) at--;
      // Of equal times the later arrival stands, as in a compacted topic.
      if (versions[at - 1]?.timeMs === timeMs) versions[at - 1] = version;
      else versions.splice(at, 0, version);
      this.setTimer(timeMs + this.#historyMs, key);
    }
    this.#settle(key, history);
    if (this.#historyMs !== undefined) this.observe(timeMs, partition * 2 + TABLE);
    return true;
  }

  /** Joins one row, at once or when the table is known up to its time. */
  add(key: Key, timeMs: number, row: Row, partition = 0): boolean {
    if (!this.admits(key, timeMs, row, partition)) return false;
    if (this.#historyMs === undefined) {
      this.#emit({ key, timeMs, row }, this.keyed.states.get(key)?.versions[0]);
      return true;
    }
    const { watermark } = this;
    if (timeMs >= watermark) {
      const history = this.#historyOf(key);
      let at = history.waiting.length;
      while (at > 0 && history.waiting[at - 1]!.timeMs > timeMs) at--;
      history.waiting.splice(at, 0, { timeMs, row: copyValue(row) });
      this.setTimer(timeMs, key);
      this.keyed.mark(key);
    } else if (timeMs < watermark - this.#historyMs) {
      this.#sinks.onLate?.({ key, timeMs, row, partition, watermark, latenessMs: watermark - timeMs });
    } else {
      this.#emit({ key, timeMs, row }, versionAt(this.keyed.states.get(key), timeMs));
    }
    this.observe(timeMs, partition * 2 + STREAM);
    return true;
  }

  /** Raises the watermark of one side's partition. */
  advanceSide(side: 'stream' | 'table', watermarkMs: number, partition = 0): void {
    this.advanceWatermark(watermarkMs, partition * 2 + (side === 'stream' ? STREAM : TABLE));
  }

  /** The watermark of one side's partition alone. */
  sideWatermark(side: 'stream' | 'table', partition = 0): number {
    return this.watermarkOf(partition * 2 + (side === 'stream' ? STREAM : TABLE));
  }

  /** Says that one side's partition is silent and no longer holds the watermark, until its next row. */
  markSideIdle(side: 'stream' | 'table', partition = 0): void {
    this.markIdle(partition * 2 + (side === 'stream' ? STREAM : TABLE));
  }

  /** Ends the input of both sides. */
  finish(): void {
    for (const id of this.marks.partitions) this.advanceWatermark(Infinity, id);
  }

  protected due(key: Key): void {
    const history = this.keyed.states.get(key);
    if (history === undefined) return;
    while (history.waiting.length > 0 && history.waiting[0]!.timeMs < this.watermark) {
      const { timeMs, row } = history.waiting.shift()!;
      this.#emit({ key, timeMs, row: row as Row }, versionAt(history, timeMs));
    }
    const oldest = this.watermark - (this.#historyMs ?? 0);
    const { versions } = history;
    while (versions.length > 1 && versions[1]!.timeMs <= oldest) versions.shift();
    if (versions.length === 1 && versions[0]!.value === null && versions[0]!.timeMs <= oldest)
      versions.shift();
    this.#settle(key, history);
  }

  #historyOf(key: Key): KeyHistory {
    let history = this.keyed.states.get(key);
    if (history === undefined) this.keyed.states.set(key, (history = { versions: [], waiting: [] }));
    return history;
  }

  #settle(key: Key, history: KeyHistory): void {
    if (history.versions.length + history.waiting.length === 0) this.keyed.states.delete(key);
    this.keyed.mark(key);
  }

  #emit(of: { key: Key; timeMs: number; row: Row }, version: Version | undefined): void {
    const right = (version?.value ?? null) as Entry | null;
    if (right === null && !this.#left) return;
    this.#sinks.onRow({ key: of.key, timeMs: of.timeMs, left: of.row, right });
  }

  #readHistory(key: Key, input: ByteReader): KeyHistory {
    const versions: Version[] = [];
    for (let left = input.count(2); left > 0; left--) {
      const timeMs = input.number();
      versions.push({ timeMs, value: readValue(input) });
      if (this.#historyMs !== undefined) this.setTimer(timeMs + this.#historyMs, key);
    }
    const waiting: KeyHistory['waiting'] = [];
    for (let left = input.count(2); left > 0; left--) {
      const timeMs = input.number();
      waiting.push({ timeMs, row: readValue(input) });
      this.setTimer(timeMs, key);
    }
    return { versions, waiting };
  }
}

/** The version that stood at a time. */
function versionAt(history: KeyHistory | undefined, timeMs: number): Version | undefined {
  return history?.versions.findLast((version) => version.timeMs <= timeMs);
}

function writeHistory({ versions, waiting }: KeyHistory, out: ByteWriter): void {
  out.varint(versions.length);
  for (const { timeMs, value } of versions) {
    out.number(timeMs);
    writeValue(out, value);
  }
  out.varint(waiting.length);
  for (const { timeMs, row } of waiting) {
    out.number(timeMs);
    writeValue(out, row);
  }
}
