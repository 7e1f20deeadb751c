import type { Of } from '../aggregates/inputs.ts';

/** A definition of windows: plain data, made by `tumbling({ … })`, `session({ … })`, …. */
export type Window<Row = never> =
  | TumblingWindow
  | HoppingWindow
  | CumulativeWindow
  | CalendarWindow
  | GlobalWindow
  | SlidingWindow
  | SessionWindow<Row>
  | CountWindow;

/** Windows whose bounds depend on the clock alone, not on the events of a key. */
export type AlignedWindow = TumblingWindow | HoppingWindow | CumulativeWindow | CalendarWindow | GlobalWindow;

export interface TumblingWindow {
  readonly type: 'tumbling';
  readonly sizeMs: number;
  readonly offsetMs?: number;
}

export interface HoppingWindow {
  readonly type: 'hopping';
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly offsetMs?: number;
}

export interface CumulativeWindow {
  readonly type: 'cumulative';
  readonly maxSizeMs: number;
  readonly stepMs: number;
  readonly offsetMs?: number;
}

export interface CalendarWindow {
  readonly type: 'calendar';
  readonly unit: 'day' | 'week' | 'month';
  readonly timeZone: string;
  /** 1 (Monday, the default) to 7 (Sunday); for weeks. */
  readonly weekStartsOn?: number;
}

export interface GlobalWindow {
  readonly type: 'global';
}

export interface SlidingWindow {
  readonly type: 'sliding';
  readonly sizeMs: number;
}

export interface SessionWindow<in Row = never> {
  readonly type: 'session';
  /** Milliseconds, or where an event's own gap is found. */
  readonly gapMs: number | Of<Row>;
}

export interface CountWindow {
  readonly type: 'count';
  readonly size: number;
}

/** `[n·size + offset, (n+1)·size + offset)`; the offset may be negative or larger than the size. */
export function tumbling(options: { sizeMs: number; offsetMs?: number }): TumblingWindow {
  return { type: 'tumbling', ...options };
}

/** Windows of `sizeMs` that start every `advanceMs` (≤ `sizeMs`), so that an event is in several. */
export function hopping(options: { sizeMs: number; advanceMs: number; offsetMs?: number }): HoppingWindow {
  return { type: 'hopping', ...options };
}

/** Windows that share a start and grow by `stepMs` up to `maxSizeMs`, a multiple of the step: the day so far, every hour. */
export function cumulative(options: {
  maxSizeMs: number;
  stepMs: number;
  offsetMs?: number;
}): CumulativeWindow {
  return { type: 'cumulative', ...options };
}

/** Days, weeks or months as the clocks of an IANA time zone show them: days of 23 and 25 hours included. */
export function calendar(options: {
  unit: 'day' | 'week' | 'month';
  timeZone: string;
  weekStartsOn?: number;
}): CalendarWindow {
  return { type: 'calendar', ...options };
}

/** One window for all time; it closes when the input ends (`finish`). */
export function globalWindow(): GlobalWindow {
  return { type: 'global' };
}

/** For each event time `r` of a key the events in `[r − sizeMs, r]`, both inclusive; shown as `[r − sizeMs, r + 1)`. */
export function sliding(options: { sizeMs: number }): SlidingWindow {
  return { type: 'sliding', ...options };
}

/** Runs of events of a key with at most `gapMs` between neighbours: `[first, last + gap)`. The gap may come from the event. */
export function session<Row = unknown>(options: { gapMs: number | Of<Row> }): SessionWindow<Row> {
  return { type: 'session', ...options };
}

/** Each `size` events of a key in order of arrival; time plays no part. */
export function countWindow(options: { size: number }): CountWindow {
  return { type: 'count', ...options };
}
