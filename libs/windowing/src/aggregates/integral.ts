import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { requirePositive } from '../errors.ts';
import type { Aggregate, AggregateKind, AggregateOf, Bounds } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

const HOUR_MS = 3_600_000;
/** A day of readings every second and some; a cell that holds more costs more than it can be read for. */
const MAX_READINGS = 100_000;
/** Times a window's length and the number of readings, this is still a finite double. */
const MAX_READING = 2 ** 900;

interface GapSpec extends Aggregate {
  readonly maxGapMs: number;
}

interface IntegralSpec extends GapSpec {
  readonly perMs: number;
}

/**
 * The area under the readings over event time, by trapezoids, in units of the input × `perMs` (default an hour: kW become
 * kWh, °C degree hours). Readings further apart than `maxGapMs` have nothing between them. At its edges a window knows no
 * neighbour: the first reading holds back to the window's start and the last one on to its end, each if that is no further
 * than `maxGapMs`. Null for no reading; of equal times the greatest value counts; beyond 100,000 readings the earliest stay.
 */
export function integral<const Input extends Of<never>>(
  of: Input,
  options: { maxGapMs: number; perMs?: number },
): AggregateOf<Input, number | null> {
  const { maxGapMs, perMs = HOUR_MS } = options;
  const spec = { type: 'integral', of, maxGapMs, perMs };
  return aggregateOf(spec);
}

/** The share of the window, 0 to 1, that `integral` of the same input and `maxGapMs` has covered; null for a window without bounds. */
export function coverage<const Input extends Of<never>>(
  of: Input,
  options: { maxGapMs: number },
): AggregateOf<Input, number | null> {
  const spec = { type: 'coverage', of, maxGapMs: options.maxGapMs };
  return aggregateOf(spec);
}

/** How many neighbouring readings are further apart than `maxGapMs`; the window's edges do not count. */
export function gaps<const Input extends Of<never>>(
  of: Input,
  options: { maxGapMs: number },
): AggregateOf<Input, number> {
  const spec = { type: 'gaps', of, maxGapMs: options.maxGapMs };
  return aggregateOf(spec);
}

/** Readings ascending by time, one for each time. */
interface Curve {
  readonly times: number[];
  readonly values: number[];
}

abstract class CurveColumn extends StateColumn<Curve> {
  protected readonly maxGapMs: number;

  constructor(maxGapMs: number, input: number) {
    super(input);
    this.maxGapMs = maxGapMs;
  }

  add(slot: number, inputs: Inputs, timeMs: number): void {
    const value = inputs.numbers[this.input]!;
    if (value === value) insert(this.at(slot), timeMs, value);
  }

  protected create(): Curve {
    return { times: [], values: [] };
  }

  protected mergeInto(curve: Curve, { times, values }: Curve): void {
    for (let i = 0; i < times.length; i++) insert(curve, times[i]!, values[i]!);
  }

  protected writeState({ times, values }: Curve, out: ByteWriter): void {
    out.varint(times.length);
    let before = 0;
    for (let i = 0; i < times.length; i++) {
      out.number(times[i]! - before);
      out.number(values[i]!);
      before = times[i]!;
    }
  }

  protected readState(input: ByteReader): Curve {
    const curve = this.create();
    let timeMs = 0;
    for (let left = input.count(2); left > 0; left--) {
      timeMs += input.number();
      insert(curve, timeMs, input.number());
    }
    return curve;
  }

  /** Calls back with each covered stretch: its length and the mean value over it. */
  protected stretches(
    { times, values }: Curve,
    bounds: Bounds,
    each: (lengthMs: number, mean: number) => void,
  ): void {
    const held = (lengthMs: number, value: number) => {
      if (lengthMs > 0 && lengthMs <= this.maxGapMs) each(lengthMs, value);
    };
    held(times[0]! - bounds.windowStart, values[0]!);
    for (let i = 1; i < times.length; i++) held(times[i]! - times[i - 1]!, (values[i]! + values[i - 1]!) / 2);
    held(bounds.windowEnd - times.at(-1)!, values.at(-1)!);
  }
}

class IntegralColumn extends CurveColumn {
  readonly #perMs: number;

  constructor({ maxGapMs, perMs }: IntegralSpec, input: number) {
    super(maxGapMs, input);
    this.#perMs = perMs;
  }

  protected result(curve: Curve | undefined, bounds: Bounds): number | null {
    if (curve === undefined) return null;
    let area = 0;
    this.stretches(curve, bounds, (lengthMs, mean) => (area += lengthMs * mean));
    return area / this.#perMs;
  }
}

class CoverageColumn extends CurveColumn {
  protected result(curve: Curve | undefined, bounds: Bounds): number | null {
    const lengthMs = bounds.windowEnd - bounds.windowStart;
    if (!Number.isFinite(lengthMs)) return null;
    let covered = 0;
    if (curve !== undefined) this.stretches(curve, bounds, (stretchMs) => (covered += stretchMs));
    return covered / lengthMs;
  }
}

class GapsColumn extends CurveColumn {
  protected result(curve: Curve | undefined): number {
    return (curve?.times ?? []).filter((timeMs, i, times) => timeMs - times[i - 1]! > this.maxGapMs).length;
  }
}

function insert({ times, values }: Curve, timeMs: number, value: number): void {
  let at = times.length;
  if (at > 0 && timeMs <= times[at - 1]!) at = lowerBound(times, timeMs);
  if (times[at] === timeMs) {
    if (value > values[at]!) values[at] = value;
    return;
  }
  if (at === times.length) {
    if (at === MAX_READINGS) return;
    times.push(timeMs);
    values.push(value);
    return;
  }
  times.splice(at, 0, timeMs);
  values.splice(at, 0, value);
  if (times.length > MAX_READINGS) {
    times.pop();
    values.pop();
  }
}

/** The first place whose time is not before `timeMs`. */
function lowerBound(times: readonly number[], timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

const kind = (resultType: AggregateKind['resultType'], column: AggregateKind['column']): AggregateKind => ({
  input: 'number',
  resultType,
  maxMagnitude: MAX_READING,
  check(spec, name) {
    const code = 'WINDOWING_AGGREGATE_INVALID';
    const { maxGapMs, perMs = 1 } = spec as Aggregate & {
      readonly maxGapMs?: number;
      readonly perMs?: number;
    };
    requirePositive(maxGapMs, `${spec.type} "${name}": maxGapMs`, { code });
    requirePositive(perMs, `${spec.type} "${name}": perMs`, { code });
  },
  width: 0,
  column,
});

export const integralKind = kind('double', (spec, input) => new IntegralColumn(spec as IntegralSpec, input));
export const coverageKind = kind(
  'double',
  (spec, input) => new CoverageColumn((spec as GapSpec).maxGapMs, input),
);
export const gapsKind = kind('long', (spec, input) => new GapsColumn((spec as GapSpec).maxGapMs, input));
