import { Inputs } from '../aggregates/inputs.ts';
import { requireDuration } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import { Heap } from '../state/heap.ts';
import { Watermarks } from '../watermark.ts';
import type { EventGateOptions } from './event-gate.ts';
import { EventGate } from './event-gate.ts';
import type { WriteChunk } from './pane-state.ts';
import type { Overflow, Overflowed } from './cold-rows.ts';
import type { KeyedState, Surroundings } from './keyed-state.ts';
import type { RejectedEvent } from './result.ts';

/** What operators besides windowed aggregation are told when they are built. */
export interface TimedOptions extends EventGateOptions {
  /** How far behind the greatest time seen an event may be without being late; default 0. */
  readonly outOfOrderMs?: number;
  /** How much later than that it is still taken; default 0. */
  readonly graceMs?: number;
  /** Partitions that are read; unheard ones hold the watermark. */
  readonly partitions?: readonly number[];
  /** `explicit`: only `advanceWatermark` moves the watermark. Default: `events`. */
  readonly watermarks?: 'events' | 'explicit';
  /** Keep what `drainChanges` needs. Default false. */
  readonly trackChanges?: boolean;
  /** Where `spill` puts states. Default: all are in memory. */
  readonly overflow?: Overflow;
}

/** An event that came too late for an operator; the object is the caller's to keep. */
export interface LateRecord<Row> {
  readonly key: Key;
  readonly timeMs: number;
  readonly row: Row;
  readonly partition: number;
  readonly watermark: number;
  readonly latenessMs: number;
}

/** Watermarks, timers and state of operators that keep one object per key. */
export abstract class TimedOperator<Row, State> {
  protected readonly marks: Watermarks;
  protected readonly graceMs: number;
  protected readonly surroundings: Surroundings;
  readonly #gate: EventGate<Row>;
  readonly #eventsMoveWatermark: boolean;

  constructor(options: TimedOptions, onRejected?: (rejected: RejectedEvent<Row>) => void) {
    const { outOfOrderMs = 0, graceMs = 0, partitions = [] } = options;
    requireDuration(outOfOrderMs, 'outOfOrderMs');
    requireDuration(graceMs, 'graceMs');
    this.marks = new Watermarks(outOfOrderMs, partitions);
    this.graceMs = graceMs;
    const { trackChanges = false, overflow } = options;
    this.surroundings = { watermarks: this.marks, trackChanges, overflow, timers: new Heap<Key>() };
    this.#gate = new EventGate(options, new Inputs(), onRejected);
    this.#eventsMoveWatermark = options.watermarks !== 'explicit';
  }

  get watermark(): number {
    return this.marks.combined;
  }

  watermarkOf(partition: number): number {
    return this.marks.of(partition);
  }

  /** Keys that hold state. */
  get keyCount(): number {
    return this.keyed.states.size;
  }

  /** Says that no event before `watermarkMs` will come on a partition (Infinity: none at all). */
  advanceWatermark(watermarkMs: number, partition = 0): void {
    if (this.marks.advance(partition, watermarkMs)) this.#fire();
  }

  markIdle(partition: number): void {
    if (this.marks.setIdle(partition, true)) this.#fire();
  }

  /** Marks partitions idle that were silent for `idleAfterMs` of the wall clock. */
  tick(nowMs: number, idleAfterMs: number): void {
    if (this.marks.tick(nowMs, idleAfterMs)) this.#fire();
  }

  /** What of the states is where; undefined without `overflow`. */
  get overflowed(): Overflowed | undefined {
    return this.keyed.overflowed;
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return this.keyed.snapshot();
  }

  saveMeta(): Uint8Array<ArrayBuffer> {
    return this.keyed.saveMeta();
  }

  /** With `trackChanges`: writes the keys that changed since the last call, by key groups 0 to 63. */
  drainChanges(write: WriteChunk): void {
    this.keyed.drainChanges(write);
  }

  snapshotBucket(bucket: number, write: WriteChunk): void {
    this.keyed.snapshotBucket(bucket, write);
  }

  /** Writes all buckets in one pass, which is quicker than one after the other. */
  snapshotBuckets(write: WriteChunk): void {
    this.keyed.snapshotBuckets(write);
  }

  /** Applies a snapshot, chunks in the order written, or meta bytes (last). */
  restore(bytes: Uint8Array): void {
    this.keyed.restore(bytes);
  }

  protected abstract readonly keyed: KeyedState<State>;
  /** Called once for each timer that the watermark has passed; `state` may have changed since it was set. */
  protected abstract due(key: Key, dueMs: number): void;

  protected admits(key: Key, timeMs: number, row: Row, partition: number): boolean {
    return this.#gate.admits(key, timeMs, row, partition);
  }

  /** Moves the watermark by an event that has been dealt with. */
  protected observe(timeMs: number, partition: number): void {
    if (this.#eventsMoveWatermark && this.marks.observe(partition, timeMs)) this.#fire();
  }

  /** Calls `due` when the watermark is past `dueMs`. */
  protected setTimer(dueMs: number, key: Key): void {
    this.surroundings.timers.push(dueMs, key);
  }

  #fire(): void {
    const { timers } = this.surroundings;
    for (;;) {
      const upTo = this.keyed.bringDue(this.marks.combined);
      while (timers.isPast(upTo ?? this.marks.combined)) {
        const dueMs = timers.due;
        this.due(timers.pop()!, dueMs);
      }
      if (upTo === undefined) return;
    }
  }
}
