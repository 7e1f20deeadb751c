import type { RowOf } from '../definition/row-type.ts';

/** What own code gives back: the declared fields of each row that comes out, an object or an array of them, or nothing. */
export type Returned<Out> = RowOf<Out> | readonly RowOf<Out>[] | null | undefined | void;

/** What own code is told beside the row. */
export interface ProcessContext {
  /** The row's event time, in epoch milliseconds. */
  readonly timeMs: number;
}

/**
 * Own code of a pipeline: is given a row and returns the declared fields of each row that comes out. `In` and `Out` are Avro
 * schemas, or types of rows. It must be synchronous and give the same for the same row, since rows are counted again after a
 * crash, and must not change what it is given.
 */
export type OwnCode<In = Record<string, unknown>, Out = Record<string, unknown>> = (
  row: Readonly<RowOf<In>>,
  context: ProcessContext,
) => Returned<Out>;

/** What keyed own code has beside the row; of the row's key alone, and during the call only. */
export interface KeyedContext extends ProcessContext {
  /** The values of the `by` fields. */
  readonly key: Readonly<Record<string, unknown>>;
  /** Plain data (what JSON can hold), by name; kept with the pipeline's state. What `get` gives is a copy. */
  readonly state: {
    readonly get: <T = unknown>(name: string) => T | undefined;
    readonly set: (name: string, value: unknown) => void;
    readonly delete: (name: string) => void;
  };
  /** Has `onTimer` called when event time has reached `atMs`; a timer of the same name is moved. */
  readonly schedule: (atMs: number, name?: string) => void;
  /** Takes a timer back; nothing happens when there is none. */
  readonly cancel: (name?: string) => void;
}

/** Own code with state and timers by key, of a process with `by`. What it did in a call that fails is undone. */
export interface KeyedOwnCode<In = Record<string, unknown>, Out = Record<string, unknown>> {
  process(row: Readonly<RowOf<In>>, context: KeyedContext): Returned<Out>;
  /** `timeMs` is the time that the timer was set to, and that of the rows that come out. */
  onTimer?(timer: { readonly name: string }, context: KeyedContext): Returned<Out>;
}

/** Own code of whatever rows. */
export type AnyOwnCode = (row: never, context: ProcessContext) => unknown;
export interface AnyKeyedOwnCode {
  process(row: never, context: KeyedContext): unknown;
  onTimer?(timer: { readonly name: string }, context: KeyedContext): unknown;
}

/** The code of a pipeline's processes, by their names. */
export type OwnCodes = Readonly<Record<string, AnyOwnCode | AnyKeyedOwnCode>>;
