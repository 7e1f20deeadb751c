import type { Aggregates } from '../aggregates/aggregate.ts';
import { requireDuration, shown, WindowingError } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import type { Window } from '../windows/window.ts';
import type { Overflow } from './cold-rows.ts';
import type { EventGateOptions } from './event-gate.ts';
import type { LateEvent, RejectedEvent } from './result.ts';

/** When results are handed out. */
export type Emit =
  /** One final result when the window closes, and a revised one for each late event within grace. */
  | 'onClose'
  /** Besides that, what changed, each time `drainUpdates` is called. */
  | 'onUpdate'
  /** Besides `onClose`, a filling result after so many events of a key and window, or each time the watermark passes a multiple of `everyMs`. */
  | { readonly everyEvents?: number; readonly everyMs?: number };

/** What all operators are told when they are built. */
export interface OperatorOptions<Row, A extends Aggregates<Row> = Aggregates<Row>> extends EventGateOptions {
  readonly window: Window<Row>;
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
  /** How many windows' results one `add` or `advanceWatermark` hands out at most; the rest wait for `drain`. Default: all. */
  readonly maxResultsPerCall?: number;
  /** Keep what `drainChanges` needs. Default false. */
  readonly trackChanges?: boolean;
  /** Where `spill` puts cells; windows on the clock and sessions only. Default: all are in memory. */
  readonly overflow?: Overflow;
}

/** Options whose window is known to be of one kind. */
export type OptionsFor<Row, W extends Window> = Omit<OperatorOptions<Row>, 'window'> & { readonly window: W };

/** Where results go; the objects passed are reused, so copy what you keep. */
export interface OperatorSinks<Row> {
  onResult(result: Record<string, unknown>, keyId: number): void;
  onLate?(late: LateEvent<Row>): void;
  onRejected?(rejected: RejectedEvent<Row>): void;
  /** With `trackChanges`: no state of this bucket is left, so what was written of it can go. */
  onBucketClosed?(bucket: number): void;
}

/** Events counted since the operator was built. */
export interface OperatorCounters {
  readonly accepted: number;
  /** Missed windows, not events: an event can miss several. */
  readonly late: number;
  readonly rejected: number;
  readonly results: number;
}

/** Which open windows to read. */
export interface ReadFilter {
  readonly key?: Key;
  /** Windows that end after `fromMs` and start before `toMs`. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** `replace`: later state takes the place of earlier; `merge`: states of different events are added up. */
export type RestoreMode = 'replace' | 'merge';

/** `emit` taken apart. */
export interface EmitPlan {
  readonly mode: 'onClose' | 'onUpdate' | 'early';
  /** 0: not by count. */
  readonly everyEvents: number;
  /** 0: not by time. */
  readonly everyMs: number;
}

/**
 * Checks `emit` and takes it apart.
 * @throws WindowingError WINDOWING_OPTION_INVALID
 */
export function planEmit(emit: Emit = 'onClose'): EmitPlan {
  if (emit === 'onClose' || emit === 'onUpdate') return { mode: emit, everyEvents: 0, everyMs: 0 };
  const { everyEvents, everyMs } = typeof emit === 'object' && emit !== null ? emit : {};
  if (everyEvents === undefined && everyMs === undefined) {
    throw new WindowingError(
      'WINDOWING_OPTION_INVALID',
      `emit is ${shown(emit)}; give "onClose", "onUpdate", { everyEvents } or { everyMs }.`,
    );
  }
  if (everyEvents !== undefined) requireDuration(everyEvents, 'emit.everyEvents', 1);
  if (everyMs !== undefined) requireDuration(everyMs, 'emit.everyMs', 1);
  return { mode: 'early', everyEvents: everyEvents ?? 0, everyMs: everyMs ?? 0 };
}
