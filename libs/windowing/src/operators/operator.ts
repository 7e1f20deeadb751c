import type { Aggregates } from '../aggregates/aggregate.ts';
import type { CompiledAggregates } from '../aggregates/compile.ts';
import { compileAggregates } from '../aggregates/compile.ts';
import type { WindowingErrorCode } from '../errors.ts';
import { shown, WindowingError } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import { KeyTable } from '../state/key-table.ts';
import { isTime, MAX_TIME_MS } from '../time.ts';
import { Watermarks } from '../watermark.ts';
import type { Cells } from './cells.ts';
import type { LateEvent, RejectedEvent, ResultState } from './result.ts';

/** When results are handed out. */
export type Emit =
  /** One final result when the window closes, and a revised one for each late event within grace. */
  | 'onClose'
  /** Besides that, what changed, each time `drainUpdates` is called. */
  | 'onUpdate'
  /** Besides that, a filling result after so many events of a key and window, or each time the watermark passes a multiple of `everyMs`. */
  | { readonly everyEvents?: number; readonly everyMs?: number };

/** What all operators are told when they are built. */
export interface OperatorOptions<Row, A extends Aggregates<Row> = Aggregates<Row>> {
  readonly aggregates: A;
  /** How far behind the greatest time seen an event may be without being late; default 0. */
  readonly outOfOrderMs?: number;
  /** How long after its end a window takes late events as revisions; default 0. */
  readonly graceMs?: number;
  readonly emit?: Emit;
  /** Partitions that are read; unheard ones hold the watermark. Default: those that events name, or 0. */
  readonly partitions?: readonly number[];
  /** `explicit`: only `advanceWatermark` moves the watermark, events do not. Default: `events`. */
  readonly watermarks?: 'events' | 'explicit';
  /** Events further ahead of the clock than this are rejected. Default: none are. */
  readonly maxFutureMs?: number;
  /** The wall clock for `maxFutureMs`; default `Date.now`. */
  readonly now?: () => number;
  /** How many windows' results one `add` or `advanceWatermark` hands out at most; the rest wait for `drain`. Default: all. */
  readonly maxResultsPerCall?: number;
  /** Keep what `changes` needs. Default false. */
  readonly trackChanges?: boolean;
}

/** Where results go; the objects passed are reused, so copy what you keep. */
export interface OperatorSinks<Row> {
  onResult(result: Record<string, unknown>): void;
  onLate?(late: LateEvent<Row>): void;
  onRejected?(rejected: RejectedEvent<Row>): void;
}

/** Events counted since the operator was built. */
export interface OperatorCounters {
  accepted: number;
  /** Missed windows, not events: an event can miss several. */
  late: number;
  rejected: number;
  results: number;
}

const DEFAULT_PARTITION = 0;

/** What all window operators share: checking events, moving watermarks, handing out results. */
export abstract class Operator<Row> {
  readonly counters: OperatorCounters = { accepted: 0, late: 0, rejected: 0, results: 0 };
  protected readonly aggregates: CompiledAggregates;
  protected readonly keys = new KeyTable();
  protected readonly watermarks: Watermarks;
  protected readonly graceMs: number;
  protected readonly emit: 'onClose' | 'onUpdate' | 'early';
  protected readonly earlyEvents: number;
  protected readonly trackChanges: boolean;
  readonly #earlyMs: number;
  readonly #eventsMoveWatermark: boolean;
  readonly #maxFutureMs: number;
  readonly #now: () => number;
  readonly #perCall: number;
  readonly #sinks: OperatorSinks<Row>;
  readonly #result: Record<string, unknown>;
  readonly #bounds = { windowStart: 0, windowEnd: 0 };
  readonly #late: LateEvent<Row>;
  readonly #rejected: RejectedEvent<Row>;
  #futureLimit: number;
  #nextEarly = -Infinity;

  constructor(options: OperatorOptions<Row>, sinks: OperatorSinks<Row>) {
    const { outOfOrderMs = 0, graceMs = 0, emit = 'onClose', maxFutureMs = Infinity } = options;
    requireDuration(outOfOrderMs, 'outOfOrderMs');
    requireDuration(graceMs, 'graceMs');
    if (maxFutureMs !== Infinity) requireDuration(maxFutureMs, 'maxFutureMs');
    this.aggregates = compileAggregates(options.aggregates);
    this.watermarks = new Watermarks(outOfOrderMs, options.partitions ?? []);
    this.graceMs = graceMs;
    this.emit = typeof emit === 'object' ? 'early' : emit;
    if (this.emit !== 'onClose' && this.emit !== 'onUpdate' && this.emit !== 'early') {
      throw option(`emit is ${shown(emit)}; give "onClose", "onUpdate", { everyEvents } or { everyMs }.`);
    }
    const early = typeof emit === 'object' ? emit : {};
    this.earlyEvents = early.everyEvents ?? 0;
    this.#earlyMs = early.everyMs ?? 0;
    if (this.emit === 'early') {
      if (this.earlyEvents === 0 && this.#earlyMs === 0) {
        throw option(`emit is ${shown(emit)}; give everyEvents or everyMs, at least 1.`);
      }
      if (early.everyEvents !== undefined) requireDuration(early.everyEvents, 'emit.everyEvents', 1);
      if (early.everyMs !== undefined) requireDuration(early.everyMs, 'emit.everyMs', 1);
    }
    this.trackChanges = options.trackChanges ?? false;
    this.#eventsMoveWatermark = options.watermarks !== 'explicit';
    this.#maxFutureMs = maxFutureMs;
    this.#futureLimit = maxFutureMs === Infinity ? Infinity : -Infinity;
    this.#now = options.now ?? Date.now;
    this.#perCall = options.maxResultsPerCall ?? Infinity;
    if (this.#perCall !== Infinity) requireDuration(this.#perCall, 'maxResultsPerCall', 1);
    this.#sinks = sinks;
    this.#result = { key: '', windowStart: 0, windowEnd: 0 };
    for (const name of this.aggregates.names) this.#result[name] = null;
    Object.assign(this.#result, { state: 'final', revision: 0, watermark: 0 });
    this.#late = {
      key: '',
      timeMs: 0,
      row: undefined,
      partition: 0,
      windowStart: 0,
      windowEnd: 0,
      watermark: 0,
      latenessMs: 0,
    };
    this.#rejected = {
      code: 'WINDOWING_KEY_INVALID',
      message: '',
      key: '',
      timeMs: 0,
      row: undefined as Row,
      partition: 0,
    };
  }

  /** No event with a smaller time is expected on any partition that is not idle. */
  get watermark(): number {
    return this.watermarks.combined;
  }

  watermarkOf(partition: number): number {
    return this.watermarks.of(partition);
  }

  /** Keys that have open windows, and those whose last one closed a moment ago. */
  get keyCount(): number {
    return this.keys.size;
  }

  /**
   * Counts one event in its windows, then moves the watermark. `row` may be one object that the caller overwrites: nothing of
   * it is kept. An event that cannot be counted goes to `onRejected` and moves nothing; false then.
   */
  add(key: Key, timeMs: number, row: Row, partition = DEFAULT_PARTITION): boolean {
    if (typeof key !== 'string' && !Number.isFinite(key)) return this.#rejectKey(key, timeMs, row, partition);
    if (!isTime(timeMs)) return this.#rejectTime(key, timeMs, row, partition);
    if (timeMs > this.#futureLimit && this.#isFuture(timeMs)) {
      return this.#rejectFuture(key, timeMs, row, partition);
    }
    if (!this.aggregates.inputs.read(row as never)) {
      const { code, message } = this.aggregates.inputs.fault;
      return this.reject({ code, message, key, timeMs, row, partition });
    }
    this.place(key, timeMs, row, partition);
    if (this.#eventsMoveWatermark && this.watermarks.observe(partition, timeMs)) this.#moved();
    return true;
  }

  /** Says that no event before `watermarkMs` will come on a partition (Infinity: none at all); lower values change nothing. */
  advanceWatermark(watermarkMs: number, partition = DEFAULT_PARTITION): void {
    if (Number.isNaN(watermarkMs)) {
      throw new WindowingError(
        'WINDOWING_TIME_INVALID',
        'The watermark is NaN; give epoch milliseconds or Infinity.',
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
    const partitions = this.watermarks.partitions;
    for (const partition of partitions.length > 0 ? partitions : [DEFAULT_PARTITION]) {
      this.advanceWatermark(Infinity, partition);
    }
    this.drain();
  }

  /** Hands out up to `most` results of windows that have closed; true when none is left. */
  drain(most = Infinity): boolean {
    return this.closeDue(most);
  }

  /** Hands out the windows that changed since the last call (with `emit: 'onUpdate'`); to be called at each commit. */
  abstract drainUpdates(): void;
  /** Counts a checked event; the inputs have been read. */
  protected abstract place(key: Key, timeMs: number, row: Row, partition: number): void;
  /** Hands out up to `most` results of windows that the watermark has closed; true when none is left. */
  protected abstract closeDue(most: number): boolean;

  /** Hands out one result of a cell. */
  protected result(
    keyId: number,
    cells: Cells,
    slot: number,
    frame: { start: number; end: number; state: ResultState; revision: number },
  ): void {
    const { names } = this.aggregates;
    const result = this.#result;
    const bounds = this.#bounds;
    bounds.windowStart = frame.start;
    bounds.windowEnd = frame.end;
    result['key'] = this.keys.keyOf(keyId);
    result['windowStart'] = frame.start === -Infinity ? null : frame.start;
    result['windowEnd'] = frame.end === Infinity ? null : frame.end;
    const { columns } = cells;
    for (let i = 0; i < names.length; i++) result[names[i]!] = columns[i]!.value(slot, bounds);
    result['state'] = frame.state;
    result['revision'] = frame.revision;
    result['watermark'] = this.watermarks.combined;
    this.counters.results++;
    this.#sinks.onResult(result);
  }

  /** Takes a result back. */
  protected retract(keyId: number, frame: { start: number; end: number; revision: number }): void {
    const result = this.#result;
    result['key'] = this.keys.keyOf(keyId);
    result['windowStart'] = frame.start;
    result['windowEnd'] = frame.end;
    for (const name of this.aggregates.names) result[name] = null;
    result['state'] = 'retracted';
    result['revision'] = frame.revision;
    result['watermark'] = this.watermarks.combined;
    this.counters.results++;
    this.#sinks.onResult(result);
  }

  /** Reports a missed window. */
  protected late(
    event: { key: Key; timeMs: number; row: Row | undefined; partition: number },
    start: number,
    end: number,
  ): void {
    this.counters.late++;
    if (this.#sinks.onLate === undefined) return;
    const late = this.#late;
    late.key = event.key;
    late.timeMs = event.timeMs;
    late.row = event.row;
    late.partition = event.partition;
    late.windowStart = start === -Infinity ? null : start;
    late.windowEnd = end === Infinity ? null : end;
    late.watermark = this.watermarks.combined;
    late.latenessMs = this.watermarks.combined - event.timeMs;
    this.#sinks.onLate(late);
    late.row = undefined;
  }

  protected reject(event: RejectedEvent<Row>): false {
    this.counters.rejected++;
    if (this.#sinks.onRejected === undefined) return false;
    Object.assign(this.#rejected, event);
    this.#sinks.onRejected(this.#rejected);
    return false;
  }

  #moved(): void {
    if (this.#earlyMs > 0) {
      const watermark = this.watermarks.combined;
      if (watermark >= this.#nextEarly) {
        if (this.#nextEarly !== -Infinity && watermark !== Infinity) this.drainUpdates();
        this.#nextEarly = (Math.floor(watermark / this.#earlyMs) + 1) * this.#earlyMs;
      }
    }
    this.closeDue(this.#perCall);
  }

  #isFuture(timeMs: number): boolean {
    this.#futureLimit = this.#now() + this.#maxFutureMs;
    return timeMs > this.#futureLimit;
  }

  #rejectKey(key: unknown, timeMs: number, row: Row, partition: number): false {
    const message = `The key is ${shown(key)}; give a string or a finite number (join several values to one string).`;
    return this.reject({ code: 'WINDOWING_KEY_INVALID', message, key, timeMs, row, partition });
  }

  #rejectTime(key: unknown, timeMs: unknown, row: Row, partition: number): false {
    const message = `The event time is ${shown(timeMs)}; give whole epoch milliseconds between ±${MAX_TIME_MS}.`;
    return this.reject({ code: 'WINDOWING_TIME_INVALID', message, key, timeMs, row, partition });
  }

  #rejectFuture(key: unknown, timeMs: number, row: Row, partition: number): false {
    const ahead = timeMs - (this.#futureLimit - this.#maxFutureMs);
    const message = `The event time ${timeMs} is ${ahead} ms ahead of the clock, more than maxFutureMs ${this.#maxFutureMs}; set the sender's clock right.`;
    return this.reject({ code: 'WINDOWING_TIME_FUTURE', message, key, timeMs, row, partition });
  }
}

function requireDuration(value: unknown, name: string, atLeast = 0): void {
  if (Number.isSafeInteger(value) && (value as number) >= atLeast) return;
  throw option(`${name} is ${shown(value)}; give a whole number of at least ${atLeast}.`);
}

function option(message: string, code: WindowingErrorCode = 'WINDOWING_OPTION_INVALID'): WindowingError {
  return new WindowingError(code, message);
}
