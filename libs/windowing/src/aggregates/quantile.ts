import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { WindowingError, shown } from '../errors.ts';
import { QuantileSketch } from '../sketches/quantile-sketch.ts';
import type { Aggregate, AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

export const DEFAULT_ACCURACY = 0.01;

interface QuantileSpec extends Aggregate<unknown, number | null> {
  readonly q: number;
  readonly accuracy: number;
}

/**
 * The quantile by nearest rank (SQL's `percentile_disc`): the least number that at least the share `q` of the numbers does not
 * exceed, off by at most `accuracy` (default 1%) of itself; exact up to 64 numbers; null for none.
 */
export function quantile<const Input extends Of<never>>(
  of: Input,
  q: number,
  options: { accuracy?: number } = {},
): AggregateOf<Input, number | null> {
  const spec = {
    type: 'quantile',
    of,
    q,
    accuracy: options.accuracy ?? DEFAULT_ACCURACY,
  };
  return aggregateOf(spec);
}

class QuantileColumn extends StateColumn<QuantileSketch> {
  readonly #spec: QuantileSpec;

  constructor(spec: QuantileSpec, input: number) {
    super(input);
    this.#spec = spec;
  }

  add(slot: number, inputs: Inputs): void {
    const x = inputs.numbers[this.input]!;
    if (x === x) this.at(slot).add(x);
  }

  protected create(): QuantileSketch {
    return new QuantileSketch(this.#spec.accuracy);
  }

  protected mergeInto(state: QuantileSketch, other: QuantileSketch): void {
    state.merge(other);
  }

  protected result(state: QuantileSketch | undefined): number | null {
    return state === undefined ? null : state.quantile(this.#spec.q);
  }

  protected writeState(state: QuantileSketch, out: ByteWriter): void {
    state.write(out);
  }

  protected readState(input: ByteReader): QuantileSketch {
    const state = this.create();
    state.read(input);
    return state;
  }
}

export const quantileKind: AggregateKind = {
  input: 'number',
  resultType: 'double',
  check(spec, name) {
    const { q, accuracy } = spec as QuantileSpec;
    if (!(typeof q === 'number' && q >= 0 && q <= 1)) {
      throw new WindowingError(
        'WINDOWING_AGGREGATE_INVALID',
        `The quantile of "${name}" is ${shown(q)}; give a number from 0 to 1.`,
      );
    }
    if (!(typeof accuracy === 'number' && accuracy >= 0.0001 && accuracy <= 0.5)) {
      throw new WindowingError(
        'WINDOWING_AGGREGATE_INVALID',
        `The accuracy of "${name}" is ${shown(accuracy)}; give a relative error from 0.0001 to 0.5, such as 0.01.`,
      );
    }
  },
  width: 0,
  column: (spec, input) => new QuantileColumn(spec as QuantileSpec, input),
};
