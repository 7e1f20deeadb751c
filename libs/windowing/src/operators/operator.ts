import type { CompiledAggregates } from '../aggregates/compile.ts';
import { compileAggregates } from '../aggregates/compile.ts';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { requireDuration, WindowingError } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import { KeyTable } from '../state/key-table.ts';
import { Watermarks } from '../watermark.ts';
import type { Window } from '../windows/window.ts';
import type { Overflowed } from './cold-rows.ts';
import { Emitter } from './emitter.ts';
import { EventGate } from './event-gate.ts';
import type {
  EmitPlan,
  OperatorCounters,
  OperatorSinks,
  OptionsFor,
  ReadFilter,
  RestoreMode,
} from './operator-options.ts';
import { planEmit } from './operator-options.ts';
import type { WriteChunk } from './pane-state.ts';
import type { ResultVisitor } from './result.ts';
import { definitionOf, Form, readHeader, readKey, writeHeader } from './state-form.ts';

const DEFAULT_PARTITION = 0;

/** What all window operators share: checking events, moving watermarks, handing out results, saving state. */
export abstract class Operator<Row> {
  protected readonly aggregates: CompiledAggregates;
  protected readonly keys = new KeyTable();
  protected readonly watermarks: Watermarks;
  protected readonly graceMs: number;
  protected readonly plan: EmitPlan;
  protected readonly trackChanges: boolean;
  protected readonly gate: EventGate<Row>;
  protected readonly emitter: Emitter<Row>;
  /** By which state knows its definition. */
  protected readonly definition: number;
  protected readonly sinks: OperatorSinks<Row>;
  protected accepted = 0;
  readonly #eventsMoveWatermark: boolean;
  readonly #perCall: number;
  #nextEarly = -Infinity;

  constructor(options: OptionsFor<Row, Window>, sinks: OperatorSinks<Row>) {
    const { outOfOrderMs = 0, graceMs = 0, maxResultsPerCall = Infinity } = options;
    requireDuration(outOfOrderMs, 'outOfOrderMs');
    requireDuration(graceMs, 'graceMs');
    if (maxResultsPerCall !== Infinity) requireDuration(maxResultsPerCall, 'maxResultsPerCall', 1);
    this.aggregates = compileAggregates(options.aggregates);
    this.definition = definitionOf(options.window, this.aggregates);
    this.watermarks = new Watermarks(outOfOrderMs, options.partitions ?? []);
    this.graceMs = graceMs;
    this.plan = planEmit(options.emit);
    this.trackChanges = options.trackChanges ?? false;
    this.sinks = sinks;
    this.gate = new EventGate(options, this.aggregates.inputs, sinks.onRejected?.bind(sinks));
    this.emitter = new Emitter({
      aggregates: this.aggregates,
      keys: this.keys,
      onResult: sinks.onResult.bind(sinks),
      onLate: sinks.onLate?.bind(sinks),
    });
    this.#eventsMoveWatermark = options.watermarks !== 'explicit';
    this.#perCall = maxResultsPerCall;
  }

  /** No event with a smaller time is expected on any partition that is not idle. */
  get watermark(): number {
    return this.watermarks.combined;
  }

  watermarkOf(partition: number): number {
    return this.watermarks.of(partition);
  }

  /** Events, late windows, rejected events and results since the operator was built. */
  get counters(): OperatorCounters {
    return {
      accepted: this.accepted,
      late: this.emitter.missed,
      rejected: this.gate.rejected,
      results: this.emitter.results,
    };
  }

  /** Keys that have open windows, and those whose last one closed a moment ago. */
  get keyCount(): number {
    return this.keys.size;
  }

  /**
   * Counts one event in its windows, then moves the watermark. `row` may be one object that the caller overwrites: nothing of
   * it is kept. An event that cannot be counted goes to `onRejected` and moves nothing; false then.
   *
   * `hint` is for those who have a small number for most keys, such as a dictionary's index: it saves looking the key up. One that is
   * another key's costs only that; 0 is none.
   */
  add(key: Key, timeMs: number, row: Row, partition = DEFAULT_PARTITION, hint = 0): boolean {
    if (!this.gate.admits(key, timeMs, row, partition)) return false;
    if (!this.place(key, timeMs, row, partition, hint)) return false;
    if (this.#eventsMoveWatermark && this.watermarks.observe(partition, timeMs)) this.#moved();
    return true;
  }

  /** Says that no event before `watermarkMs` will come on a partition (Infinity: none at all); lower values change nothing. */
  advanceWatermark(watermarkMs: number, partition = DEFAULT_PARTITION): void {
    if (typeof watermarkMs !== 'number' || Number.isNaN(watermarkMs)) {
      throw new WindowingError(
        'WINDOWING_TIME_INVALID',
        `The watermark is ${watermarkMs}; give epoch milliseconds, or Infinity to end the input.`,
      );
    }
    if (this.watermarks.advance(partition, watermarkMs)) this.#moved();
  }

  /** Says that a partition is silent: it no longer holds the watermark, until its next record. */
  markIdle(partition: number): void {
    if (this.watermarks.setIdle(partition, true)) this.#moved();
  }

  /** Says that a partition is heard of again. */
  markActive(partition: number): void {
    if (this.watermarks.setIdle(partition, false)) this.#moved();
  }

  /** Marks partitions idle that were silent for `idleAfterMs` of the wall clock; call it every now and then. */
  tick(nowMs: number, idleAfterMs: number): void {
    if (this.watermarks.tick(nowMs, idleAfterMs)) this.#moved();
  }

  /** Forgets a partition's watermark (its state stays): for a partition that another instance reads now. */
  removePartition(partition: number): void {
    if (this.watermarks.remove(partition)) this.#moved();
  }

  /** Ends the input: closes everything that is open. */
  finish(): void {
    const { partitions } = this.watermarks;
    for (const partition of partitions.length > 0 ? partitions : [DEFAULT_PARTITION]) {
      this.advanceWatermark(Infinity, partition);
    }
    this.drain();
  }

  /** Hands out up to `most` results of windows that have closed; true when none is left. */
  drain(most = Infinity): boolean {
    return this.closeDue(most);
  }

  /** Windows that hold state, closed ones within grace included. */
  abstract get windowCount(): number;
  /** Hands out the windows that changed since the last call (with `emit: 'onUpdate'`); to be called at each commit. */
  abstract drainUpdates(): void;
  /** Reads the windows that hold state, without handing out anything. */
  abstract read(filter: ReadFilter, visit: ResultVisitor): void;
  /** The parts that the state is written in: starts of panes for windows on the clock, numbers of key groups for others. */
  abstract buckets(): number[];
  /** Writes the cells that changed since the last call (with `trackChanges`), after handing out results that wait. */
  abstract drainChanges(write: WriteChunk): void;
  /** Writes all of a bucket, in the form of `drainChanges`: takes the place of all that was written of it before. */
  abstract snapshotBucket(bucket: number, write: WriteChunk, where?: (key: Key) => boolean): void;

  /** What of the state is where; undefined without `overflow`. */
  get overflowed(): Overflowed | undefined {
    return undefined;
  }

  /** Everything that is not in buckets: watermarks, revisions, results to come. Small; to be written with each `drainChanges`. */
  saveMeta(): Uint8Array<ArrayBuffer> {
    this.drain();
    const out = new ByteWriter();
    writeHeader(out, Form.meta, this.definition);
    this.watermarks.write(out);
    this.writeNotes(out);
    return out.toBytes();
  }

  /** The whole state, or that of some keys, after handing out results that wait. */
  snapshot(options: { where?: (key: Key) => boolean } = {}): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(4096);
    const meta = this.saveMeta();
    writeHeader(out, Form.snapshot, this.definition);
    for (const bucket of this.buckets()) {
      this.snapshotBucket(bucket, (_, bytes) => out.bytes(bytes), options.where);
    }
    out.bytes(meta);
    return out.toBytes();
  }

  /**
   * Applies a snapshot, a chunk of `drainChanges` or `snapshotBucket` (in the order written), or the bytes of `saveMeta` (last).
   * @throws WindowingError WINDOWING_FORMAT_INVALID or WINDOWING_STATE_INVALID; the operator is then to be thrown away
   */
  restore(bytes: Uint8Array, options: { start?: number; end?: number; mode?: RestoreMode } = {}): void {
    const { start = 0, end = bytes.length, mode = 'replace' } = options;
    const input = new ByteReader(bytes, start, end);
    switch (bytes[start]) {
      case Form.chunk:
        readHeader(input, Form.chunk, this.definition);
        return this.restoreChunk(input, mode);
      case Form.meta:
        readHeader(input, Form.meta, this.definition);
        this.watermarks.read(input);
        return this.restoreNotes(input);
      default:
        readHeader(input, Form.snapshot, this.definition);
        while (!input.done) this.restore(input.bytes(), { mode });
    }
  }

  /** Adds up what a combiner's `drainPartials` wrote; what is late for a window goes to `onLate` without a row. */
  mergePartials(bytes: Uint8Array, options: { start?: number; end?: number; partition?: number } = {}): void {
    const { start = 0, end = bytes.length, partition = DEFAULT_PARTITION } = options;
    const input = new ByteReader(bytes, start, end);
    readHeader(input, Form.partials, this.definition);
    while (!input.done) {
      const from = input.number();
      for (let left = input.count(); left > 0; left--) {
        this.mergePartial(readKey(input), { start: from, input, partition });
      }
    }
  }

  /** Counts a checked event, its inputs read; false when the operator has rejected it for a reason of its own. */
  protected abstract place(key: Key, timeMs: number, row: Row, partition: number, hint: number): boolean;
  /** Hands out up to `most` results of windows that the watermark has closed; true when none is left. */
  protected abstract closeDue(most: number): boolean;
  /** Applies one chunk behind its header. */
  protected abstract restoreChunk(input: ByteReader, mode: RestoreMode): void;
  protected abstract writeNotes(out: ByteWriter): void;
  protected abstract restoreNotes(input: ByteReader): void;
  /** Adds up one partial aggregate; only for windows that a combiner can fill. */
  protected mergePartial(_key: Key, _partial: { start: number; input: ByteReader; partition: number }): void {
    throw new WindowingError(
      'WINDOWING_PARTIAL_INVALID',
      'Partial aggregates came for windows that no combiner can fill; send the events themselves.',
    );
  }

  #moved(): void {
    const { everyMs } = this.plan;
    const watermark = this.watermarks.combined;
    if (everyMs > 0 && watermark >= this.#nextEarly) {
      if (this.#nextEarly !== -Infinity && watermark !== Infinity) this.drainUpdates();
      this.#nextEarly = (Math.floor(watermark / everyMs) + 1) * everyMs;
    }
    this.closeDue(this.#perCall);
  }
}
