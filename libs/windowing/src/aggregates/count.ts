import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { requirePositive } from '../errors.ts';
import { growFloat64 } from '../state/grow.ts';
import type { Aggregate, AggregateKind, AggregateOf, Bounds, Column, Of } from './aggregate.ts';
import type { Inputs } from './inputs.ts';

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

export class CountColumn implements Column {
  counts: Float64Array;

  constructor(capacity: number) {
    this.counts = new Float64Array(capacity);
  }

  grow(capacity: number): void {
    this.counts = growFloat64(this.counts, capacity);
  }

  add(slot: number, _inputs?: Inputs, _timeMs?: number): void {
    this.counts[slot]!++;
  }

  merge(slot: number, from: CountColumn, fromSlot: number): void {
    this.counts[slot]! += from.counts[fromSlot]!;
  }

  clear(slot: number): void {
    this.counts[slot] = 0;
  }

  value(slot: number, _bounds: Bounds): number | null {
    return this.counts[slot]!;
  }

  write(slot: number, out: ByteWriter): void {
    out.varint(this.counts[slot]!);
  }

  read(slot: number, input: ByteReader): void {
    this.counts[slot] = input.varint();
  }
}

class PresentCountColumn extends CountColumn {
  readonly #input: number;

  constructor(input: number, capacity: number) {
    super(capacity);
    this.#input = input;
  }

  override add(slot: number, inputs: Inputs): void {
    if (inputs.values[this.#input] != null) this.counts[slot]!++;
  }
}

class RateColumn extends CountColumn {
  readonly #perMs: number;

  constructor(perMs: number, capacity: number) {
    super(capacity);
    this.#perMs = perMs;
  }

  override value(slot: number, { windowStart, windowEnd }: Bounds): number | null {
    const lengthMs = windowEnd - windowStart;
    return Number.isFinite(lengthMs) ? (this.counts[slot]! * this.#perMs) / lengthMs : null;
  }
}

export const countKind: AggregateKind = {
  input: 'none',
  resultType: 'long',
  column: (_spec, _input, capacity) => new CountColumn(capacity),
};

/** `count` with an input. */
export const presentCountKind: AggregateKind = {
  input: 'value',
  resultType: 'long',
  column: (_spec, input, capacity) => new PresentCountColumn(input, capacity),
};

export const rateKind: AggregateKind = {
  input: 'none',
  resultType: 'double',
  check: (spec, name) => requirePositive((spec as RateSpec).perMs, `rate "${name}": perMs`),
  column: (spec, _input, capacity) => new RateColumn((spec as RateSpec).perMs, capacity),
};
