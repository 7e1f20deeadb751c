import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { requirePositive, shown, WindowingError } from '../errors.ts';
import { QuantileSketch } from '../sketches/quantile-sketch.ts';
import type { Aggregate, AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf, Block } from './aggregate.ts';
import { ExactSums, square } from './exact-sums.ts';
import { StateColumn } from './state-column.ts';

/** Makes the median absolute deviation of normal data equal their standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** Relative error of the median and the deviation. */
const ACCURACY = 0.005;

interface SeasonalSpec extends Aggregate<unknown, number | null> {
  readonly seasonMs: number;
  readonly slotMs: number;
}

/**
 * How unusual the latest number (by event time; of equal times the greatest) is among all of the window: its distance from the
 * median in units of 1.4826 · the median absolute deviation, which outliers hardly move. Null for none, or when most are equal.
 * @see Iglewicz, Hoaglin 1993, "How to Detect and Handle Outliers"
 */
export function robustScore<const Input extends Of<never>>(of: Input): AggregateOf<Input, number | null> {
  return aggregateOf({ type: 'robustScore', of });
}

/**
 * How unusual the latest number is for its hour of the day, day of the week or the like: its distance from the mean of the
 * earlier numbers in the same slot of the season, in their standard deviations. Null before three of them, or when all are equal.
 */
export function seasonalScore<const Input extends Of<never>>(
  of: Input,
  options: { seasonMs: number; slotMs: number },
): AggregateOf<Input, number | null> {
  const spec = { type: 'seasonalScore', of, ...options };
  return aggregateOf(spec);
}

interface Latest {
  timeMs: number;
  value: number;
}

function isLater(a: Latest, b: Latest): boolean {
  return a.timeMs > b.timeMs || (a.timeMs === b.timeMs && a.value > b.value);
}

interface Robust {
  latest: Latest;
  readonly sketch: QuantileSketch;
}

class RobustColumn extends StateColumn<Robust> {
  add(slot: number, inputs: Inputs, timeMs: number): void {
    const value = inputs.numbers[this.input]!;
    if (value !== value) return;
    const state = this.at(slot);
    state.sketch.add(value);
    if (isLater({ timeMs, value }, state.latest)) state.latest = { timeMs, value };
  }

  protected create(): Robust {
    return { latest: { timeMs: -Infinity, value: 0 }, sketch: new QuantileSketch(ACCURACY) };
  }

  protected mergeInto(state: Robust, other: Robust): void {
    state.sketch.merge(other.sketch);
    if (isLater(other.latest, state.latest)) state.latest = other.latest;
  }

  protected result(state: Robust | undefined): number | null {
    if (state === undefined) return null;
    const median = state.sketch.quantile(0.5)!;
    const deviations = new QuantileSketch(ACCURACY);
    state.sketch.forEach((value, count) => deviations.add(Math.abs(value - median), count));
    const spread = deviations.quantile(0.5)! * MAD_TO_SIGMA;
    return spread > 0 ? (state.latest.value - median) / spread : null;
  }

  protected writeState({ latest, sketch }: Robust, out: ByteWriter): void {
    out.number(latest.timeMs);
    out.number(latest.value);
    sketch.write(out);
  }

  protected readState(input: ByteReader): Robust {
    const state = this.create();
    state.latest = { timeMs: input.number(), value: input.number() };
    state.sketch.read(input);
    return state;
  }
}

/** Per slot of the season: how many, their sum, the sum of their squares. */
class Season {
  latest: Latest = { timeMs: -Infinity, value: 0 };
  readonly #block: Block;
  readonly #sums: ExactSums;
  readonly #squares: ExactSums;
  readonly #slots: number;

  constructor(slots: number) {
    this.#slots = slots;
    this.#block = new Block(1 + 2 * ExactSums.width, slots);
    this.#sums = new ExactSums({ block: this.#block, offset: 1 });
    this.#squares = new ExactSums({ block: this.#block, offset: 1 + ExactSums.width });
  }

  add(slot: number, value: number, sign = 1): void {
    this.#block.data[slot * this.#block.stride]! += sign;
    this.#sums.add(slot, sign * value);
    square(value, squared);
    this.#squares.add(slot, sign * squared[0]!);
    this.#squares.add(slot, sign * squared[1]!);
  }

  merge(other: Season): void {
    for (let slot = 0; slot < this.#slots; slot++) {
      this.#block.data[slot * this.#block.stride]! += other.#count(slot);
      this.#sums.merge(slot, other.#sums, slot);
      this.#squares.merge(slot, other.#squares, slot);
    }
    if (isLater(other.latest, this.latest)) this.latest = other.latest;
  }

  /** The latest number against the others of its slot. */
  score(slot: number): number | null {
    this.add(slot, this.latest.value, -1);
    const n = this.#count(slot);
    const mean = this.#sums.value(slot) / n;
    const variance = this.#squares.value(slot) / n - mean * mean;
    this.add(slot, this.latest.value);
    // Below this a difference is rounding, not variation.
    const least = mean * mean * 2 ** -48;
    return n >= 3 && variance > least ? (this.latest.value - mean) / Math.sqrt(variance) : null;
  }

  write(out: ByteWriter): void {
    out.number(this.latest.timeMs);
    out.number(this.latest.value);
    for (let slot = 0; slot < this.#slots; slot++) {
      const n = this.#count(slot);
      out.varint(n);
      if (n === 0) continue;
      this.#sums.write(slot, out);
      this.#squares.write(slot, out);
    }
  }

  read(input: ByteReader): void {
    this.latest = { timeMs: input.number(), value: input.number() };
    for (let slot = 0; slot < this.#slots; slot++) {
      const n = input.varint();
      this.#block.data[slot * this.#block.stride] = n;
      if (n === 0) continue;
      this.#sums.read(slot, input);
      this.#squares.read(slot, input);
    }
  }

  #count(slot: number): number {
    return this.#block.data[slot * this.#block.stride]!;
  }
}

const squared = new Float64Array(2);

class SeasonalColumn extends StateColumn<Season> {
  readonly #spec: SeasonalSpec;

  constructor(spec: SeasonalSpec, input: number) {
    super(input);
    this.#spec = spec;
  }

  add(slot: number, inputs: Inputs, timeMs: number): void {
    const value = inputs.numbers[this.input]!;
    if (value !== value) return;
    const season = this.at(slot);
    season.add(this.#slotOf(timeMs), value);
    if (isLater({ timeMs, value }, season.latest)) season.latest = { timeMs, value };
  }

  protected create(): Season {
    return new Season(Math.ceil(this.#spec.seasonMs / this.#spec.slotMs));
  }

  protected mergeInto(state: Season, other: Season): void {
    state.merge(other);
  }

  protected result(state: Season | undefined): number | null {
    return state === undefined ? null : state.score(this.#slotOf(state.latest.timeMs));
  }

  protected writeState(state: Season, out: ByteWriter): void {
    state.write(out);
  }

  protected readState(input: ByteReader): Season {
    const state = this.create();
    state.read(input);
    return state;
  }

  #slotOf(timeMs: number): number {
    const { seasonMs, slotMs } = this.#spec;
    return Math.floor((((timeMs % seasonMs) + seasonMs) % seasonMs) / slotMs);
  }
}

/** More slots than a season has hours in a year. */
const MAX_SLOTS = 10_000;

export const robustScoreKind: AggregateKind = {
  input: 'number',
  resultType: 'double',
  width: 0,
  column: (_spec, input) => new RobustColumn(input),
};

export const seasonalScoreKind: AggregateKind = {
  input: 'number',
  resultType: 'double',
  maxMagnitude: 2 ** 480,
  check(spec, name) {
    const { seasonMs, slotMs } = spec as SeasonalSpec;
    const code = 'WINDOWING_AGGREGATE_INVALID';
    requirePositive(seasonMs, `seasonalScore "${name}": seasonMs`, { code, integer: true });
    requirePositive(slotMs, `seasonalScore "${name}": slotMs`, { code, integer: true });
    if (slotMs > seasonMs || seasonMs / slotMs > MAX_SLOTS) {
      throw new WindowingError(
        code,
        `seasonalScore "${name}" has slotMs ${shown(slotMs)} in seasonMs ${seasonMs}; give 1 to ${MAX_SLOTS} slots a season.`,
      );
    }
  },
  width: 0,
  column: (spec, input) => new SeasonalColumn(spec as SeasonalSpec, input),
};
