import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { requirePositive } from '../errors.ts';
import type { Aggregate, AggregateKind, AggregateOf, Block, Bounds, Column, Place } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';

/** The number of events; with `of`, of those whose input is not null. */
export function count(): Aggregate<unknown, number>;
export function count<const Input extends Of<never>>(of: Input): AggregateOf<Input, number>;
export function count(of?: Of<never>): Aggregate<never, number> {
  return of === undefined ? { type: 'count' } : { type: 'count', of };
}

/** Events per `perMs` (default: per second) of the window's length; null for a window without bounds. */
export function rate(options: { perMs?: number } = {}): Aggregate<unknown, number | null> {
  const spec: RateSpec = { type: 'rate', perMs: options.perMs ?? 1000 };
  return spec;
}

interface RateSpec extends Aggregate<unknown, number | null> {
  readonly perMs: number;
}

/** One number a cell: how many. */
class CountColumn implements Column {
  protected readonly block: Block;
  protected readonly stride: number;
  protected readonly offset: number;

  constructor({ block, offset }: Place) {
    this.block = block;
    this.stride = block.stride;
    this.offset = offset;
  }

  add(slot: number, _inputs?: Inputs, _timeMs?: number): void {
    this.block.data[slot * this.stride + this.offset]!++;
  }

  merge(slot: number, from: CountColumn, fromSlot: number): void {
    this.block.data[slot * this.stride + this.offset]! += from.count(fromSlot);
  }

  clear(slot: number): void {
    this.block.data[slot * this.stride + this.offset] = 0;
  }

  value(slot: number, _bounds: Bounds): number | null {
    return this.count(slot);
  }

  write(slot: number, out: ByteWriter): void {
    out.varint(this.count(slot));
  }

  read(slot: number, input: ByteReader): void {
    this.block.data[slot * this.stride + this.offset] = input.varint();
  }

  protected count(slot: number): number {
    return this.block.data[slot * this.stride + this.offset]!;
  }
}

class PresentCountColumn extends CountColumn {
  readonly #input: number;

  constructor(input: number, place: Place) {
    super(place);
    this.#input = input;
  }

  override add(slot: number, inputs: Inputs): void {
    if (inputs.values[this.#input] != null) super.add(slot);
  }
}

class RateColumn extends CountColumn {
  readonly #perMs: number;

  constructor(perMs: number, place: Place) {
    super(place);
    this.#perMs = perMs;
  }

  override value(slot: number, { windowStart, windowEnd }: Bounds): number | null {
    const lengthMs = windowEnd - windowStart;
    return Number.isFinite(lengthMs) ? (this.count(slot) * this.#perMs) / lengthMs : null;
  }
}

export const countKind: AggregateKind = {
  input: 'none',
  resultType: 'long',
  width: 1,
  column: (_spec, _input, place) => new CountColumn(place),
};

/** `count` with an input. */
export const presentCountKind: AggregateKind = {
  input: 'value',
  resultType: 'long',
  width: 1,
  column: (_spec, input, place) => new PresentCountColumn(input, place),
};

export const rateKind: AggregateKind = {
  input: 'none',
  resultType: 'double',
  check: (spec, name) => requirePositive((spec as RateSpec).perMs, `rate "${name}": perMs`),
  width: 1,
  column: (spec, _input, place) => new RateColumn((spec as RateSpec).perMs, place),
};
