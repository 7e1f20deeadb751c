import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { AggregateKind, AggregateOf, Block, Column, Place } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';

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
  readonly #block: Block;
  readonly #stride: number;
  readonly #offset: number;

  constructor(sign: number, input: number, { block, offset }: Place) {
    this.#input = input;
    this.#sign = sign;
    this.#block = block;
    this.#stride = block.stride;
    this.#offset = offset;
  }

  open(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) this.clear(slot);
  }

  add(slot: number, inputs: Inputs): void {
    this.#offer(slot, inputs.numbers[this.#input]! * this.#sign);
  }

  merge(slot: number, from: ExtremeColumn, fromSlot: number): void {
    this.#offer(slot, from.#best(fromSlot));
  }

  clear(slot: number): void {
    this.#block.data[slot * this.#stride + this.#offset] = -Infinity;
  }

  value(slot: number): number | null {
    const best = this.#best(slot);
    return best === -Infinity ? null : best * this.#sign + 0;
  }

  write(slot: number, out: ByteWriter): void {
    out.number(this.#best(slot) + 0);
  }

  read(slot: number, input: ByteReader): void {
    this.#block.data[slot * this.#stride + this.#offset] = input.number();
  }

  #offer(slot: number, x: number): void {
    const { data } = this.#block;
    const at = slot * this.#stride + this.#offset;
    if (x > data[at]!) data[at] = x;
  }

  #best(slot: number): number {
    return this.#block.data[slot * this.#stride + this.#offset]!;
  }
}

export const minKind: AggregateKind = {
  input: 'number',
  resultType: 'same',
  width: 1,
  column: (_spec, input, place) => new ExtremeColumn(-1, input, place),
};

export const maxKind: AggregateKind = {
  input: 'number',
  resultType: 'same',
  width: 1,
  column: (_spec, input, place) => new ExtremeColumn(1, input, place),
};
