import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { shown, WindowingError } from '../errors.ts';
import type { Aggregate, AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

/** Databases that place addresses on the map are often a hundred kilometres off. */
const DEFAULT_MIN_DISTANCE_KM = 100;
/** Nobody is seen in more places in a window; the earliest are kept. */
const MAX_POINTS = 10_000;
/** Clocks and logs are not more exact; it also keeps the speed between simultaneous events finite. */
const LEAST_ELAPSED_MS = 1_000;
const HOUR_MS = 3_600_000;
const HALF_TURN_DEGREES = 180;
const RADIANS = Math.PI / HALF_TURN_DEGREES;
/** The earth's mean radius (IUGG). */
const EARTH_RADIUS_KM = 6371.0088;

interface MaxSpeedSpec extends Aggregate<unknown, number | null> {
  readonly longitude: Of<never>;
  readonly minDistanceKm: number;
}

/**
 * The greatest great-circle speed, in km/h, between two events that follow each other in time: 0 when none are at least
 * `minDistanceKm` (default 100) apart, null for fewer than two events with both coordinates (degrees). Events less than a
 * second apart count as one second apart. Beyond 10,000 events in a window the earliest count.
 * @see Sinnott 1984, "Virtues of the Haversine"
 */
export function maxSpeed<const Latitude extends Of<never>, const Longitude extends Of<never>>(
  coordinates: { latitude: Latitude; longitude: Longitude },
  { minDistanceKm = DEFAULT_MIN_DISTANCE_KM }: { minDistanceKm?: number } = {},
): AggregateOf<Latitude, number | null> {
  const { latitude: of, longitude } = coordinates;
  const spec = { type: 'maxSpeed', of, longitude, minDistanceKm };
  return aggregateOf(spec);
}

interface Point {
  readonly timeMs: number;
  readonly latitude: number;
  readonly longitude: number;
}

/** By time; simultaneous ones by place, so that the order of arrival does not matter. */
function compare(a: Point, b: Point): number {
  return a.timeMs - b.timeMs || a.latitude - b.latitude || a.longitude - b.longitude;
}

function distanceKm(a: Point, b: Point): number {
  const sinLatitude = Math.sin(((b.latitude - a.latitude) / 2) * RADIANS);
  const sinLongitude = Math.sin(((b.longitude - a.longitude) / 2) * RADIANS);
  const h =
    sinLatitude ** 2 + Math.cos(a.latitude * RADIANS) * Math.cos(b.latitude * RADIANS) * sinLongitude ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

class MaxSpeedColumn extends StateColumn<Point[]> {
  readonly #longitude: number;
  readonly #minDistanceKm: number;

  constructor(minDistanceKm: number, latitude: number, longitude: number) {
    super(latitude);
    this.#longitude = longitude;
    this.#minDistanceKm = minDistanceKm;
  }

  add(slot: number, inputs: Inputs, timeMs: number): void {
    const latitude = inputs.numbers[this.input]!;
    const longitude = inputs.numbers[this.#longitude]!;
    if (latitude !== latitude || longitude !== longitude) return;
    const points = this.at(slot);
    points.push({ timeMs, latitude, longitude });
    if (points.length > 2 * MAX_POINTS) trim(points);
  }

  protected create(): Point[] {
    return [];
  }

  protected mergeInto(points: Point[], other: Point[]): void {
    for (const point of other) points.push(point);
    if (points.length > 2 * MAX_POINTS) trim(points);
  }

  protected result(points: Point[] | undefined): number | null {
    if (points === undefined || points.length < 2) return null;
    trim(points);
    let fastest = 0;
    for (let i = 1; i < points.length; i++) {
      const km = distanceKm(points[i - 1]!, points[i]!);
      if (km < this.#minDistanceKm) continue;
      const elapsedMs = Math.max(LEAST_ELAPSED_MS, points[i]!.timeMs - points[i - 1]!.timeMs);
      fastest = Math.max(fastest, (km / elapsedMs) * HOUR_MS);
    }
    return fastest;
  }

  protected writeState(points: Point[], out: ByteWriter): void {
    trim(points);
    out.varint(points.length);
    for (const { timeMs, latitude, longitude } of points) {
      out.number(timeMs);
      out.number(latitude);
      out.number(longitude);
    }
  }

  protected readState(input: ByteReader): Point[] {
    const points: Point[] = [];
    for (let left = input.count(3); left > 0; left--)
      points.push({ timeMs: input.number(), latitude: input.number(), longitude: input.number() });
    return points;
  }
}

/** Sorts the points and drops the latest that are too many: what is left is the same for any order in which they came. */
function trim(points: Point[]): void {
  points.sort(compare);
  if (points.length > MAX_POINTS) points.length = MAX_POINTS;
}

export const maxSpeedKind: AggregateKind = {
  input: 'number',
  resultType: 'double',
  maxMagnitude: HALF_TURN_DEGREES / 2,
  second: { name: 'longitude', maxMagnitude: HALF_TURN_DEGREES },
  check(spec, name) {
    const { minDistanceKm } = spec as MaxSpeedSpec;
    if (typeof minDistanceKm === 'number' && minDistanceKm >= 0 && minDistanceKm < Infinity) return;
    throw new WindowingError(
      'WINDOWING_AGGREGATE_INVALID',
      `maxSpeed "${name}": minDistanceKm is ${shown(minDistanceKm)}; give a number of at least 0.`,
    );
  },
  width: 0,
  column: (spec, input, _place, second) =>
    new MaxSpeedColumn((spec as MaxSpeedSpec).minDistanceKm, input, second),
};
