import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { AggregateKind, AggregateOf, Column, Place } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf, Block } from './aggregate.ts';
import { ExactSums, square } from './exact-sums.ts';

/** The sum of the numbers that are not null: the true sum, rounded once, in whatever order they come; 0 for none. */
export function sum<const Input extends Of<never>>(of: Input): AggregateOf<Input, number> {
  return aggregateOf({ type: 'sum', of });
}

/** The arithmetic mean of the numbers that are not null; null for none. */
export function mean<const Input extends Of<never>>(of: Input): AggregateOf<Input, number | null> {
  return aggregateOf({ type: 'mean', of });
}

/** The population variance of the numbers that are not null (magnitude up to 2^480); null for none. */
export function variance<const Input extends Of<never>>(of: Input): AggregateOf<Input, number | null> {
  return aggregateOf({ type: 'variance', of });
}

/** The population standard deviation of the numbers that are not null; null for none. */
export function stddev<const Input extends Of<never>>(of: Input): AggregateOf<Input, number | null> {
  return aggregateOf({ type: 'stddev', of });
}

/** Above this a square overflows a double's exact arithmetic. */
const MAX_SQUARED = 2 ** 480;

const MEAN_WIDTH = ExactSums.width + 1;

class SumColumn implements Column {
  protected readonly input: number;
  protected readonly sums: ExactSums;

  constructor(input: number, place: Place) {
    this.input = input;
    this.sums = new ExactSums(place);
  }

  add(slot: number, inputs: Inputs): void {
    const x = inputs.numbers[this.input]!;
    if (x === x) this.sums.add(slot, x);
  }

  merge(slot: number, from: SumColumn, fromSlot: number): void {
    this.sums.merge(slot, from.sums, fromSlot);
  }

  clear(slot: number): void {
    this.sums.clear(slot);
  }

  value(slot: number): number | null {
    return this.sums.value(slot);
  }

  write(slot: number, out: ByteWriter): void {
    this.sums.write(slot, out);
  }

  read(slot: number, input: ByteReader): void {
    this.sums.read(slot, input);
  }
}

/** Two numbers of the sum, then the count. */
class MeanColumn extends SumColumn {
  readonly #block: Block;
  readonly #stride: number;
  readonly #offset: number;

  constructor(input: number, place: Place) {
    super(input, place);
    this.#block = place.block;
    this.#stride = place.block.stride;
    this.#offset = place.offset + ExactSums.width;
  }

  override add(slot: number, inputs: Inputs): void {
    const x = inputs.numbers[this.input]!;
    if (x !== x) return;
    this.#block.data[slot * this.#stride + this.#offset]!++;
    this.sums.add(slot, x);
  }

  override merge(slot: number, from: MeanColumn, fromSlot: number): void {
    super.merge(slot, from, fromSlot);
    this.#block.data[slot * this.#stride + this.#offset]! += from.count(fromSlot);
  }

  override clear(slot: number): void {
    super.clear(slot);
    this.#block.data[slot * this.#stride + this.#offset] = 0;
  }

  override value(slot: number): number | null {
    const n = this.count(slot);
    return n === 0 ? null : this.sums.value(slot) / n;
  }

  override write(slot: number, out: ByteWriter): void {
    out.varint(this.count(slot));
    super.write(slot, out);
  }

  override read(slot: number, input: ByteReader): void {
    this.#block.data[slot * this.#stride + this.#offset] = input.varint();
    super.read(slot, input);
  }

  protected count(slot: number): number {
    return this.#block.data[slot * this.#stride + this.#offset]!;
  }
}

const squared = new Float64Array(2);

/** From the exact sums of x and x², so that no order of arrival or merging shows in the result. */
class VarianceColumn extends MeanColumn {
  readonly #squares: ExactSums;

  constructor(input: number, place: Place) {
    super(input, place);
    this.#squares = new ExactSums({ block: place.block, offset: place.offset + MEAN_WIDTH });
  }

  override add(slot: number, inputs: Inputs): void {
    const x = inputs.numbers[this.input]!;
    if (x !== x) return;
    super.add(slot, inputs);
    square(x, squared);
    this.#squares.add(slot, squared[0]!);
    if (squared[1] !== 0) this.#squares.add(slot, squared[1]!);
  }

  override merge(slot: number, from: VarianceColumn, fromSlot: number): void {
    super.merge(slot, from, fromSlot);
    this.#squares.merge(slot, from.#squares, fromSlot);
  }

  override clear(slot: number): void {
    super.clear(slot);
    this.#squares.clear(slot);
  }

  override value(slot: number): number | null {
    const n = this.count(slot);
    if (n === 0) return null;
    const high = this.sums.value(slot);
    const low = this.sums.remainder(slot, high);
    const centre = high / n;
    // Σ(x − c)² = Σx² − 2cΣx + nc² for any c; taken at the rounded mean, all but the last rounding is exact.
    deviation.clear(0);
    const squares = this.#squares.value(slot);
    deviation.add(0, squares);
    deviation.add(0, this.#squares.remainder(slot, squares));
    addProduct(-2 * centre, high);
    addProduct(-2 * centre, low);
    square(centre, squared);
    const [top, bottom] = [squared[0]!, squared[1]!];
    addProduct(n, top);
    addProduct(n, bottom);
    const sumOfSquares = deviation.value(0);
    const shift = (high - centre * n + low) / n;
    return Math.max(0, sumOfSquares / n - shift * shift);
  }

  override write(slot: number, out: ByteWriter): void {
    super.write(slot, out);
    this.#squares.write(slot, out);
  }

  override read(slot: number, input: ByteReader): void {
    super.read(slot, input);
    this.#squares.read(slot, input);
  }
}

const deviation = new ExactSums({ block: new Block(ExactSums.width, 1), offset: 0 });

/** Adds a·b to `deviation` with its rounding error. */
function addProduct(a: number, b: number): void {
  const product = a * b;
  const splitA = a * 134217729;
  const highA = splitA - (splitA - a);
  const splitB = b * 134217729;
  const highB = splitB - (splitB - b);
  const lowA = a - highA;
  const lowB = b - highB;
  deviation.add(0, product);
  deviation.add(0, lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB));
}

class StddevColumn extends VarianceColumn {
  override value(slot: number): number | null {
    const value = super.value(slot);
    return value === null ? null : Math.sqrt(value);
  }
}

export const sumKind: AggregateKind = {
  input: 'number',
  resultType: 'same',
  width: ExactSums.width,
  column: (_spec, input, place) => new SumColumn(input, place),
};

export const meanKind: AggregateKind = {
  input: 'number',
  resultType: 'double',
  width: MEAN_WIDTH,
  column: (_spec, input, place) => new MeanColumn(input, place),
};

export const varianceKind: AggregateKind = {
  input: 'number',
  resultType: 'double',
  maxMagnitude: MAX_SQUARED,
  width: MEAN_WIDTH + ExactSums.width,
  column: (_spec, input, place) => new VarianceColumn(input, place),
};

export const stddevKind: AggregateKind = {
  input: 'number',
  resultType: 'double',
  maxMagnitude: MAX_SQUARED,
  width: MEAN_WIDTH + ExactSums.width,
  column: (_spec, input, place) => new StddevColumn(input, place),
};
