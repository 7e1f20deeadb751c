import { readControlType, stampBatch, type BatchHeader } from '@millrace/record-batch';
import { offsetName, type LogStore, type SegmentBytes } from './log-store.ts';
import { ProducerStates, type AbortedTransaction, type ControlType } from './producer-states.ts';
import { Segment } from './segment.ts';
import { findTime, type TimedOffset } from './find-time.ts';

/** What a log does with its records in the long run; from the topic's configuration. */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly deletes: boolean;
  readonly compacts: boolean;
  readonly deleteRetentionMs: number;
  readonly minCleanableDirtyRatio: number;
  readonly minCompactionLagMs: number;
  readonly logAppendTime: boolean;
}

export interface LogOptions {
  readonly store: LogStore;
  readonly config: () => LogConfig;
  readonly now: () => number;
  /** Whether each append waits for the disk itself. */
  readonly fsyncAlways?: boolean;
}

export interface ReadResult {
  readonly records: Buffer;
  readonly aborted: AbortedTransaction[];
}

const nothing = Buffer.alloc(0);

/** There is one broker and no other leader ever: the leader epoch of all batches is this one. */
export const LEADER_EPOCH = 0;

/** Indexes of this many sealed segments stay in memory per partition. */
const WARM_INDEXES = 2;
const START_NOTE = 'start-offset';
const CLEANED_NOTE = 'cleaned-until';

/** The log of one partition: segments, producers, and the offsets that bound what consumers see. */
export class PartitionLog {
  readonly producers: ProducerStates;
  readonly segments: Segment[];
  /** Called after each append and each end of a transaction. */
  readonly waiters = new Set<() => void>();
  closed = false;
  #cleanedUntil: number;
  #startOffset: number;
  #lastStableOffset: number;
  #dirty = false;
  #warm: Segment[] = [];
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
    this.#options = options;
    const { store } = options;
    const start = Number(store.readNote(START_NOTE)?.toString() ?? 0);
    const bases = store.segments();
    this.segments = [];
    for (const base of bases.length > 0 ? bases : [start]) {
      const segment = Segment.open(store, base);
      // A crash amid compaction may leave a segment whose records were already merged into the one before.
      if (base < (this.segments.at(-1)?.nextOffset ?? 0)) segment.remove();
      else this.segments.push(segment);
    }
    for (const segment of this.segments.slice(0, -1)) segment.unloadIndex();
    this.#startOffset = Math.max(start, this.segments[0]!.baseOffset);
    this.#cleanedUntil = Number(store.readNote(CLEANED_NOTE)?.toString() ?? 0);
    this.producers = this.#recoverProducers();
    this.#lastStableOffset = this.producers.firstOpenOffset ?? this.nextOffset;
  }

  get config(): LogConfig {
    return this.#options.config();
  }

  get store(): LogStore {
    return this.#options.store;
  }

  get active(): Segment {
    return this.segments.at(-1)!;
  }

  /** The first offset that can be read. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset that the next record gets; with one broker this is the high watermark too. */
  get nextOffset(): number {
    return this.active.nextOffset;
  }

  /** Consumers with `read_committed` see records before this offset. */
  get lastStableOffset(): number {
    return this.#lastStableOffset;
  }

  /** Up to where compaction has been. */
  get cleanedUntil(): number {
    return this.#cleanedUntil;
  }

  get byteLength(): number {
    return this.segments.reduce((sum, segment) => sum + segment.byteLength, 0);
  }

  /** Writes offset and epoch into a batch and appends it. @returns the offset of its first record */
  append(batch: Buffer, header: BatchHeader, control?: ControlType): number {
    const { config } = this;
    const nowMs = this.#options.now();
    const { active } = this;
    const full = active.byteLength + batch.length > config.segmentBytes;
    if (active.byteLength > 0 && (full || nowMs - active.createdMs >= config.segmentMs)) this.roll();
    const baseOffset = this.nextOffset;
    const logAppendTimeMs = config.logAppendTime && !header.isControl ? { logAppendTimeMs: nowMs } : {};
    stampBatch(batch, 0, { baseOffset, partitionLeaderEpoch: LEADER_EPOCH, ...logAppendTimeMs });
    if (config.logAppendTime) header.maxTimestampMs = nowMs;
    this.active.append(batch, header, baseOffset);
    if (this.#options.fsyncAlways) this.active.bytes.flush();
    else this.#dirty = true;
    this.producers.update(header, { baseOffset, nowMs, ...(control && { control }) });
    this.#lastStableOffset = this.producers.firstOpenOffset ?? this.nextOffset;
    for (const wake of this.waiters) wake();
    return baseOffset;
  }

  /** Whole batches from `offset` on, as many as fit, with the aborted transactions among them if `committedOnly`. */
  read(
    offset: number,
    limits: { maxBytes: number; committedOnly: boolean; wholeOnly?: boolean },
  ): ReadResult {
    const untilOffset = limits.committedOnly ? this.#lastStableOffset : this.nextOffset;
    // Most partitions have nothing new at most looks.
    if (offset >= untilOffset) return { records: nothing, aborted: [] };
    for (let place = this.#segmentAt(offset); place < this.segments.length; place++) {
      const segment = this.segments[place]!;
      if (segment.baseOffset >= untilOffset) break;
      this.#keepWarm(segment);
      const records = segment.read(offset, { ...limits, untilOffset });
      if (records.length === 0 && limits.wholeOnly && segment.nextOffset > offset) break;
      if (records.length === 0) continue;
      const until = Math.min(untilOffset, this.segments[place + 1]?.baseOffset ?? untilOffset);
      return { records, aborted: limits.committedOnly ? this.producers.abortedBetween(offset, until) : [] };
    }
    return { records: nothing, aborted: [] };
  }

  /** The first record whose timestamp is at least `timestampMs`; undefined if there is none. */
  offsetForTime(timestampMs: number): TimedOffset | undefined {
    return findTime(this, (segment) => segment.maxTimestampMs >= timestampMs, timestampMs);
  }

  /** The first record with the greatest timestamp; undefined if the log is empty. */
  offsetForMaxTime(): TimedOffset | undefined {
    const max = this.segments.reduce((most, segment) => Math.max(most, segment.maxTimestampMs), -1);
    return max < 0 ? undefined : findTime(this, (segment) => segment.maxTimestampMs === max, max);
  }

  /** Makes `offset` the first that can be read, and removes segments that lie wholly before it. */
  deleteBefore(offset: number): void {
    if (offset <= this.#startOffset) return;
    this.#startOffset = offset;
    this.store.writeNote(START_NOTE, Buffer.from(String(offset)));
    while (this.segments.length > 1 && this.segments[1]!.baseOffset <= offset)
      this.segments.shift()!.remove();
    this.producers.forgetAbortedBefore(offset);
  }

  /** Puts a compacted draft in the place of neighbouring sealed segments. */
  replaceSegments(group: readonly Segment[], draft: SegmentBytes, modifiedMs: number): void {
    const [first, ...others] = group;
    if (first === undefined || group.some((segment) => !this.segments.includes(segment)))
      return draft.close();
    first.replaceBytes(draft, { nextOffset: group.at(-1)!.nextOffset, modifiedMs });
    first.unloadIndex();
    for (const other of others) {
      this.segments.splice(this.segments.indexOf(other), 1);
      other.remove();
    }
  }

  /** Takes note that everything before `offset` has been compacted. */
  noteCleaned(offset: number): void {
    this.#cleanedUntil = offset;
    this.store.writeNote(CLEANED_NOTE, Buffer.from(String(offset)));
    this.producers.forgetAbortedBefore(offset);
  }

  /** Seals the active segment and begins a new one. */
  roll(): void {
    const sealed = this.active;
    const { nextOffset } = sealed;
    sealed.saveIndex();
    this.#saveProducers();
    if (this.#dirty) sealed.bytes.flush();
    this.#keepWarm(sealed);
    this.segments.push(Segment.open(this.store, nextOffset));
  }

  /** Returns once everything appended is on the disk itself. */
  flush(): void {
    if (!this.#dirty) return;
    this.active.bytes.flush();
    this.#dirty = false;
  }

  /** Saves what makes the next start quick, and closes the files. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.active.saveIndex();
    this.#saveProducers();
    this.flush();
    for (const segment of this.segments) segment.close();
  }

  /** Closes the files without saving anything, before the partition's folder is removed. */
  abandon(): void {
    if (this.closed) return;
    this.closed = true;
    for (const segment of this.segments) segment.close();
    for (const wake of this.waiters) wake();
  }

  #segmentAt(offset: number): number {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.segments[middle]!.baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #keepWarm(segment: Segment): void {
    if (segment === this.active || this.#warm.at(-1) === segment) return;
    this.#warm = [...this.#warm.filter((other) => other !== segment), segment];
    if (this.#warm.length > WARM_INDEXES) this.#warm.shift()!.unloadIndex();
  }

  #saveProducers(): void {
    const { store, nextOffset } = this;
    const old = store.notes().filter((name) => name.endsWith('.producers'));
    const name = `${offsetName(nextOffset)}.producers`;
    store.writeNote(name, Buffer.from(this.producers.encode()));
    for (const other of old) if (other !== name) store.removeNote(other);
  }

  #recoverProducers(): ProducerStates {
    const { store, nextOffset } = this;
    let from = 0;
    let states = new ProducerStates();
    for (const name of store.notes().filter((note) => note.endsWith('.producers'))) {
      const offset = Number(name.slice(0, 20));
      if (offset > nextOffset || offset < from) continue;
      states = ProducerStates.decode(store.readNote(name)!.toString());
      from = offset;
    }
    const nowMs = this.#options.now();
    for (const segment of this.segments) {
      if (segment.nextOffset <= from) continue;
      for (const { bytes, header } of segment.batches()) {
        if (header.baseOffset < from) continue;
        const control = header.isControl ? readControlType(bytes, header) : undefined;
        const ended = control === 'commit' || control === 'abort' ? { control } : {};
        states.update(header, { baseOffset: header.baseOffset, nowMs, ...ended } as const);
      }
    }
    return states;
  }
}
