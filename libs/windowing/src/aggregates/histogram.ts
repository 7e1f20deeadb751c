import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { shown, WindowingError } from '../errors.ts';
import type { Aggregate, AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

/** More steps than a chart shows. */
const MAX_BOUNDS = 1000;

interface HistogramSpec extends Aggregate<unknown, readonly number[]> {
  readonly bounds: readonly number[];
}

/** How many numbers fall below the first bound, from each bound to the next, and from the last bound on: one count more than bounds. */
export function histogram<const Input extends Of<never>>(
  of: Input,
  bounds: readonly number[],
): AggregateOf<Input, readonly number[]> {
  const spec = { type: 'histogram', of, bounds };
  return aggregateOf(spec);
}

class HistogramColumn extends StateColumn<Float64Array> {
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[], input: number) {
    super(input);
    this.#bounds = bounds;
  }

  add(slot: number, inputs: Inputs): void {
    const x = inputs.numbers[this.input]!;
    if (x !== x) return;
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (x < this.#bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    this.at(slot)[low]!++;
  }

  protected create(): Float64Array {
    return new Float64Array(this.#bounds.length + 1);
  }

  protected mergeInto(counts: Float64Array, other: Float64Array): void {
    for (let i = 0; i < counts.length; i++) counts[i]! += other[i]!;
  }

  protected result(counts: Float64Array | undefined): readonly number[] {
    return [...(counts ?? this.create())];
  }

  protected writeState(counts: Float64Array, out: ByteWriter): void {
    for (const count of counts) out.varint(count);
  }

  protected readState(input: ByteReader): Float64Array {
    return this.create().map(() => input.varint());
  }
}

export const histogramKind: AggregateKind = {
  input: 'number',
  resultType: 'json',
  check(spec, name) {
    const { bounds } = spec as HistogramSpec;
    const ascending =
      Array.isArray(bounds) &&
      bounds.length > 0 &&
      bounds.length <= MAX_BOUNDS &&
      bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]!));
    if (ascending) return;
    throw new WindowingError(
      'WINDOWING_AGGREGATE_INVALID',
      `The bounds of "${name}" are ${shown(bounds)}; give 1 to ${MAX_BOUNDS} finite numbers in ascending order.`,
    );
  },
  width: 0,
  column: (spec, input) => new HistogramColumn((spec as HistogramSpec).bounds, input),
};
