import type { AggregateValues } from '../aggregates/aggregate.ts';
import type { Fault } from '../aggregates/inputs.ts';
import type { Key } from '../state/key-table.ts';

/** How complete a result is: more events may come, none is expected, corrected within grace, or taken back. */
export type ResultState = 'filling' | 'final' | 'revised' | 'retracted';

/** What every result has besides its aggregates. */
export interface ResultFrame {
  key: Key;
  /** Null for windows without bounds. */
  windowStart: number | null;
  windowEnd: number | null;
  state: ResultState;
  /** 0 until a final result is replaced; then one more each time. */
  revision: number;
  /** The watermark that the result was made at; −Infinity before the first. */
  watermark: number;
  /** Count windows only: the number of the key's window, from 0. */
  index?: number;
}

/** A result that stands. */
export type WindowRow<A> = ResultFrame & { state: 'filling' | 'final' | 'revised' } & AggregateValues<A>;

/** The result of a session that merged into another one and is no more: its aggregates are null. */
export type Retraction<A> = ResultFrame & { state: 'retracted' } & { [Name in keyof A]: null };

/** A result of any kind; the operator reuses one object for all of them. */
export type WindowResult<A> = WindowRow<A> | Retraction<A>;

/** An event that came too late for a window; the object is reused. */
export interface LateEvent<Row> {
  key: Key;
  timeMs: number;
  /** Undefined when a partial aggregate came late, not an event. */
  row: Row | undefined;
  partition: number;
  windowStart: number | null;
  windowEnd: number | null;
  watermark: number;
  /** How far the event was behind the watermark. */
  latenessMs: number;
}

/** An event that cannot be counted, with the reason; the object is reused. */
export interface RejectedEvent<Row> extends Fault {
  key: unknown;
  timeMs: unknown;
  row: Row;
  partition: number;
}

/** Takes results; the object is reused. `keyId` is a small number that is the key's as long as windows of it are open. */
export type ResultVisitor = (result: Record<string, unknown>, keyId: number) => void;
