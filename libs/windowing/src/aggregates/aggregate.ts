import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Inputs, Of } from './inputs.ts';

/** One named column of a view, as plain data; `Value` is the type of its results. Made by `count()`, `sum('bytes')`, …. */
export interface Aggregate<in Row = never, out Value = unknown> {
  readonly type: string;
  readonly of?: Of<Row>;
  /** Carries the result's type, never a value. */
  readonly '~value'?: () => Value;
}

/** An aggregate of an input, whose literal name or function is kept in the type. */
export type AggregateOf<Input extends Of<never>, Value> = Aggregate<
  Input extends (row: infer Row) => unknown ? Row : unknown,
  Value
> & { readonly of: Input };

/** Gives a definition its type; the compiler cannot follow that a literal input is one of the two kinds of `Of`. */
export function aggregateOf<Input extends Of<never>, Value>(spec: {
  type: string;
  of: Input;
}): AggregateOf<Input, Value> {
  return spec as unknown as AggregateOf<Input, Value>;
}

/** The named aggregates of a view. */
export type Aggregates<Row> = Readonly<Record<string, Aggregate<Row>>>;

/** The result columns of named aggregates. */
export type AggregateValues<A> = {
  -readonly [Name in keyof A]: A[Name] extends Aggregate<never, infer Value> ? Value : never;
};

/** The window that a value is asked for; ±Infinity where a window has no bound. */
export interface Bounds {
  windowStart: number;
  windowEnd: number;
}

/** Numbers of many cells in one array, those of a cell next to each other, so that an event touches few lines of memory. */
export class Block {
  /** How many numbers a cell has. */
  readonly stride: number;
  data: Float64Array;

  constructor(stride: number, capacity: number) {
    this.stride = stride;
    this.data = new Float64Array(stride * capacity);
  }

  grow(capacity: number): void {
    const data = new Float64Array(this.stride * capacity);
    data.set(this.data);
    this.data = data;
  }
}

/** Where a column keeps its numbers: from `offset` of each cell on. */
export interface Place {
  readonly block: Block;
  readonly offset: number;
}

/** The states of one aggregate for many cells. */
export interface Column {
  /** Makes the cells from `from` up to `to` empty, which are new and zero. */
  open?(from: number, to: number): void;
  /** Counts one event: its inputs have been read and checked. */
  add(slot: number, inputs: Inputs, timeMs: number): void;
  /** Adds the state of a cell of a column of the same aggregate; `from` stays as it is. */
  merge(slot: number, from: Column, fromSlot: number): void;
  /** Makes the cell empty. */
  clear(slot: number): void;
  value(slot: number, bounds: Bounds): unknown;
  write(slot: number, out: ByteWriter): void;
  /** Replaces the state of an empty cell by one that `write` wrote. */
  read(slot: number, input: ByteReader): void;
}

/** The type of an aggregate's results: `same` is that of its input, `json` an array or object. */
export type ResultType = 'long' | 'double' | 'same' | 'json';

/** How one type of aggregate works. */
export interface AggregateKind {
  /** `number`: finite numbers and null; `value`: anything; `none`: the event itself. */
  readonly input: 'number' | 'value' | 'none';
  readonly resultType: ResultType;
  /** The greatest magnitude that the state can hold without overflow. */
  readonly maxMagnitude?: number;
  /** A further numeric input, which the definition names under this name. */
  readonly second?: { readonly name: string; readonly maxMagnitude: number };
  /** Throws WINDOWING_AGGREGATE_INVALID when the definition cannot work. */
  check?(spec: Aggregate, name: string): void;
  /** How many numbers a cell's state has in the block; 0 where a column keeps objects. */
  readonly width: number;
  /** `input` and `second` say where the inputs stand in `Inputs`; −1 for none. */
  column(spec: Aggregate, input: number, place: Place, second: number): Column;
}
