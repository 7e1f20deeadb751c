import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { readValue, writeValue } from '../bytes/plain-value.ts';
import { requirePositive } from '../errors.ts';
import { HyperLogLog } from '../sketches/hyper-log-log.ts';
import type { Aggregate, AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

const DEFAULT_EXACT_UP_TO = 1000;
/** Beyond this the exact set costs more than a view should hold for one window. */
const MAX_EXACT = 1_000_000;

interface DistinctSpec extends Aggregate<unknown, number> {
  readonly exactUpTo: number;
}

/**
 * The number of distinct values that are not null: exact up to `exactUpTo` (default 1000), beyond that an estimate with a
 * standard error of 0.81%. Objects and arrays count by their JSON text.
 */
export function distinct<const Input extends Of<never>>(
  of: Input,
  options: { exactUpTo?: number } = {},
): AggregateOf<Input, number> {
  const spec = {
    type: 'distinct',
    of,
    exactUpTo: options.exactUpTo ?? DEFAULT_EXACT_UP_TO,
  };
  return aggregateOf(spec);
}

type State = { exact: Set<unknown> | undefined; sketch: HyperLogLog | undefined };

class DistinctColumn extends StateColumn<State> {
  readonly #limit: number;

  constructor(limit: number, input: number) {
    super(input);
    this.#limit = limit;
  }

  add(slot: number, inputs: Inputs): void {
    const value = inputs.values[this.input];
    if (value == null) return;
    this.#addValue(this.at(slot), typeof value === 'object' ? JSON.stringify(value) : value);
  }

  protected create(): State {
    return { exact: new Set(), sketch: undefined };
  }

  protected mergeInto(state: State, other: State): void {
    if (other.sketch !== undefined) {
      this.#leaveExact(state).merge(other.sketch);
      return;
    }
    for (const value of other.exact!) this.#addValue(state, value);
  }

  protected result(state: State | undefined): number {
    return state?.exact?.size ?? state?.sketch?.estimate() ?? 0;
  }

  protected writeState(state: State, out: ByteWriter): void {
    if (state.exact === undefined) {
      out.varint(0);
      state.sketch!.write(out);
      return;
    }
    out.varint(state.exact.size + 1);
    for (const value of state.exact) writeValue(out, value);
  }

  protected readState(input: ByteReader): State {
    const tag = input.varint();
    const state = this.create();
    if (tag === 0) this.#leaveExact(state).read(input);
    for (let i = 1; i < tag; i++) this.#addValue(state, readValue(input));
    return state;
  }

  #addValue(state: State, value: unknown): void {
    if (state.exact === undefined) {
      state.sketch!.add(value);
      return;
    }
    state.exact.add(value);
    if (state.exact.size > this.#limit) this.#leaveExact(state);
  }

  #leaveExact(state: State): HyperLogLog {
    if (state.sketch !== undefined) return state.sketch;
    const sketch = (state.sketch = new HyperLogLog());
    for (const value of state.exact!) sketch.add(value);
    state.exact = undefined;
    return sketch;
  }
}

export const distinctKind: AggregateKind = {
  input: 'value',
  resultType: 'long',
  check: (spec, name) =>
    requirePositive((spec as DistinctSpec).exactUpTo, `distinct "${name}": exactUpTo`, {
      code: 'WINDOWING_AGGREGATE_INVALID',
      integer: true,
      atMost: MAX_EXACT,
    }),
  width: 0,
  column: (spec, input) => new DistinctColumn((spec as DistinctSpec).exactUpTo, input),
};
