import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { PlainValue } from '../bytes/plain-value.ts';
import { readValue, writeValue } from '../bytes/plain-value.ts';
import { shown, WindowingError } from '../errors.ts';
import type { Aggregate, AggregateKind, AggregateOf, Bounds } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

/** Your own aggregate over one input. Merging must not care for order or grouping, or results will differ between runs. */
export interface CustomLogic<State, Value> {
  create(): State;
  /** Counts one input (never null) and returns the state, changed or new; `input` may be reused by the caller. */
  add(state: State, input: unknown, timeMs: number): State;
  /** Adds `other` up with `state` and returns the result; `other` must stay as it is. */
  merge(state: State, other: State): State;
  /** `undefined` when no input came. */
  value(state: State | undefined, bounds: Bounds): Value;
  /** The state as a JSON value, and back. Default: the state itself. */
  save?(state: State): PlainValue;
  load?(saved: PlainValue): State;
}

interface CustomSpec extends Aggregate<unknown> {
  readonly logic: CustomLogic<unknown, unknown>;
}

/** An aggregate of your own code; a definition that holds one is no plain data any more. */
export function custom<const Input extends Of<never>, State, Value>(
  of: Input,
  logic: CustomLogic<State, Value>,
): AggregateOf<Input, Value> {
  const spec = { type: 'custom', of, logic };
  return aggregateOf(spec);
}

class CustomColumn extends StateColumn<{ state: unknown }> {
  readonly #logic: CustomLogic<unknown, unknown>;

  constructor(logic: CustomLogic<unknown, unknown>, input: number) {
    super(input);
    this.#logic = logic;
  }

  add(slot: number, inputs: Inputs, timeMs: number): void {
    const value = inputs.values[this.input];
    if (value == null) return;
    const cell = this.at(slot);
    cell.state = this.#logic.add(cell.state, value, timeMs);
  }

  protected create(): { state: unknown } {
    return { state: this.#logic.create() };
  }

  protected mergeInto(cell: { state: unknown }, other: { state: unknown }): void {
    cell.state = this.#logic.merge(cell.state, other.state);
  }

  protected result(cell: { state: unknown } | undefined, bounds: Bounds): unknown {
    return this.#logic.value(cell?.state, bounds);
  }

  protected writeState({ state }: { state: unknown }, out: ByteWriter): void {
    writeValue(out, this.#logic.save === undefined ? state : this.#logic.save(state));
  }

  protected readState(input: ByteReader): { state: unknown } {
    const saved = readValue(input);
    return { state: this.#logic.load === undefined ? saved : this.#logic.load(saved) };
  }
}

export const customKind: AggregateKind = {
  input: 'value',
  resultType: 'json',
  check(spec, name) {
    const logic: Partial<CustomLogic<unknown, unknown>> | undefined = (spec as Partial<CustomSpec>).logic;
    for (const part of ['create', 'add', 'merge', 'value'] as const) {
      if (typeof logic?.[part] === 'function') continue;
      throw new WindowingError(
        'WINDOWING_AGGREGATE_INVALID',
        `The custom aggregate "${name}" has ${shown(logic?.[part])} as its ${part}; give a function.`,
      );
    }
  },
  width: 0,
  column: (spec, input) => new CustomColumn((spec as CustomSpec).logic, input),
};
