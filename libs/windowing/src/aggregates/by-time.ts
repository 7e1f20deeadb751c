import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { PlainValue } from '../bytes/plain-value.ts';
import { compareValues, copyValue, readValue, writeValue } from '../bytes/plain-value.ts';
import type { AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

/** The value of the earliest event whose input is not null; of equal times the least value; null for none. */
export function first<const Input extends Of<never>>(of: Input): AggregateOf<Input, PlainValue> {
  return aggregateOf({ type: 'first', of });
}

/** The value of the latest event whose input is not null; of equal times the greatest value; null for none. */
export function last<const Input extends Of<never>>(of: Input): AggregateOf<Input, PlainValue> {
  return aggregateOf({ type: 'last', of });
}

interface Timed {
  timeMs: number;
  value: PlainValue;
}

/** Keeps the value of the greatest `sign · time`, ties going to the greatest `sign · value`. */
class ByTimeColumn extends StateColumn<Timed> {
  readonly #sign: number;

  constructor(sign: number, input: number) {
    super(input);
    this.#sign = sign;
  }

  add(slot: number, inputs: Inputs, timeMs: number): void {
    const value = inputs.values[this.input];
    if (value == null) return;
    const state = this.states[slot];
    if (state === undefined) this.put(slot, { timeMs, value: copyValue(value) });
    else this.#offer(state, timeMs, value);
  }

  protected create(): Timed {
    return { timeMs: -this.#sign * Infinity, value: null };
  }

  protected mergeInto(state: Timed, other: Timed): void {
    this.#offer(state, other.timeMs, other.value);
  }

  protected result(state: Timed | undefined): PlainValue {
    return state === undefined ? null : state.value;
  }

  protected writeState(state: Timed, out: ByteWriter): void {
    out.number(state.timeMs);
    writeValue(out, state.value);
  }

  protected readState(input: ByteReader): Timed {
    return { timeMs: input.number(), value: readValue(input) };
  }

  #offer(state: Timed, timeMs: number, value: unknown): void {
    const ahead = (timeMs - state.timeMs) * this.#sign;
    if (ahead < 0 || (ahead === 0 && compareValues(value, state.value) * this.#sign <= 0)) return;
    state.timeMs = timeMs;
    state.value = copyValue(value);
  }
}

export const firstKind: AggregateKind = {
  input: 'value',
  resultType: 'same',
  width: 0,
  column: (_spec, input) => new ByTimeColumn(-1, input),
};

export const lastKind: AggregateKind = {
  input: 'value',
  resultType: 'same',
  width: 0,
  column: (_spec, input) => new ByTimeColumn(1, input),
};
