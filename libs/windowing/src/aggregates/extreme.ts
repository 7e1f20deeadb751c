import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { AggregateKind, AggregateOf, Column, Of } from './aggregate.ts';
import { aggregateOf } from './aggregate.ts';
import type { Inputs } from './inputs.ts';

/** The least of the numbers that are not null; null for none. */
export function min<const Input extends Of<never>>(of: Input): AggregateOf<Input, number | null> {
  return aggregateOf({ type: 'min', of });
}

/** The greatest of the numbers that are not null; null for none. */
export function max<const Input extends Of<never>>(of: Input): AggregateOf<Input, number | null> {
  return aggregateOf({ type: 'max', of });
}

/** Keeps the greatest of `sign · x`; −∞ is "none yet". */
class ExtremeColumn implements Column {
  readonly #input: number;
  readonly #sign: number;
  #best: Float64Array;

  constructor(sign: number, input: number, capacity: number) {
    this.#input = input;
    this.#sign = sign;
    this.#best = new Float64Array(capacity).fill(-Infinity);
  }

  grow(capacity: number): void {
    const best = new Float64Array(capacity).fill(-Infinity, this.#best.length);
    best.set(this.#best);
    this.#best = best;
  }

  add(slot: number, inputs: Inputs): void {
    const x = inputs.numbers[this.#input]! * this.#sign;
    if (x > this.#best[slot]!) this.#best[slot] = x;
  }

  merge(slot: number, from: ExtremeColumn, fromSlot: number): void {
    const x = from.#best[fromSlot]!;
    if (x > this.#best[slot]!) this.#best[slot] = x;
  }

  clear(slot: number): void {
    this.#best[slot] = -Infinity;
  }

  value(slot: number): number | null {
    const best = this.#best[slot]!;
    return best === -Infinity ? null : best * this.#sign + 0;
  }

  write(slot: number, out: ByteWriter): void {
    out.number(this.#best[slot]! + 0);
  }

  read(slot: number, input: ByteReader): void {
    this.#best[slot] = input.number();
  }
}

export const minKind: AggregateKind = {
  input: 'number',
  resultType: 'same',
  column: (_spec, input, capacity) => new ExtremeColumn(-1, input, capacity),
};

export const maxKind: AggregateKind = {
  input: 'number',
  resultType: 'same',
  column: (_spec, input, capacity) => new ExtremeColumn(1, input, capacity),
};
