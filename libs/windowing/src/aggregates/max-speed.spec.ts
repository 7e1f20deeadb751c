import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createOperator, globalWindow, maxSpeed, validateAggregates } from '../index.ts';

interface Seen {
  t: number;
  lat: number | null;
  lon: number | null;
}

const hourMs = 3_600_000;
const berlin = { lat: 52.52, lon: 13.41 };
const potsdam = { lat: 52.39, lon: 13.07 };
const newYork = { lat: 40.71, lon: -74.01 };

/** The result over `parts` that are counted apart, snapshot, restored and merged. */
function speed(parts: readonly (readonly Seen[])[], minDistanceKm?: number): number | null | undefined {
  let result: number | null | undefined;
  const build = () =>
    createOperator<Seen>(
      {
        window: globalWindow(),
        aggregates: {
          kmh: maxSpeed(
            { latitude: 'lat', longitude: 'lon' },
            minDistanceKm === undefined ? {} : { minDistanceKm },
          ),
        },
      },
      { onResult: (row) => void (result = row['kmh'] as number | null) },
    );
  const whole = build();
  for (const part of parts) {
    const one = build();
    for (const seen of part) one.add('k', seen.t, seen);
    whole.restore(one.snapshot(), { mode: 'merge' });
  }
  whole.finish();
  return result;
}

const degrees = Math.PI / 180;
/** The spherical law of cosines: another formula than the one tested, good to a metre at these distances. */
const cosineKm = (a: Seen, b: Seen) =>
  6371.0088 *
  Math.acos(
    Math.min(
      1,
      Math.sin(a.lat! * degrees) * Math.sin(b.lat! * degrees) +
        Math.cos(a.lat! * degrees) * Math.cos(b.lat! * degrees) * Math.cos((a.lon! - b.lon!) * degrees),
    ),
  );

describe('maxSpeed', () => {
  it('is the distance over the time between neighbours', () => {
    const flight = [
      { t: 0, ...berlin },
      { t: 8 * hourMs, ...newYork },
    ];
    expect(speed([flight])).toBeCloseTo(6385 / 8, 0);
  });

  it('looks at neighbours in time only, whatever came in between them later', () => {
    const backAndForth = [
      { t: 0, ...berlin },
      { t: 16 * hourMs, ...berlin },
      { t: 8 * hourMs, ...newYork },
    ];
    expect(speed([backAndForth])).toBeCloseTo(6385 / 8, 0);
  });

  it('takes short distances for noise, however short the time', () => {
    const near = [
      { t: 0, ...berlin },
      { t: 1000, ...potsdam },
    ];
    expect(speed([near])).toBe(0);
    expect(speed([near], 0)).toBeCloseTo(27.2 * 3600, -4);
  });

  it('counts what is less than a second apart as a second apart', () => {
    const both = [
      { t: 5, ...berlin },
      { t: 5, ...newYork },
    ];
    expect(speed([both])).toBeCloseTo(6385 * 3600, -4);
  });

  it('is null for fewer than two events that have a place', () => {
    expect(speed([[{ t: 0, ...berlin }]])).toBeNull();
    expect(
      speed([
        [
          { t: 0, ...berlin },
          { t: 1, lat: null, lon: 5 },
          { t: 2, lat: 5, lon: null },
        ],
      ]),
    ).toBeNull();
  });

  it('gives one value for any order, any split and any restart, that of a plain loop', () => {
    const seen = fc.record({
      t: fc.integer({ min: -20, max: 20 }).map((hour) => hour * hourMs),
      lat: fc.integer({ min: -80, max: 80 }),
      lon: fc.integer({ min: -180, max: 180 }),
    });
    fc.assert(
      fc.property(
        fc
          .uniqueArray(seen, { maxLength: 30, selector: ({ t }) => t })
          .chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray(events, { minLength: events.length }),
              fc.array(fc.nat(events.length), { maxLength: 4 }),
            ),
          ),
        ([events, shuffled, cuts]) => {
          const edges = [0, ...cuts.toSorted((a, b) => a - b), events.length];
          const parts = edges.slice(1).map((end, i) => shuffled.slice(edges[i], end));
          const split = speed(parts);
          expect(split).toBe(speed([events]));
          if (events.length < 2) return;
          const sorted = events.toSorted((a, b) => a.t - b.t);
          const legs = sorted
            .slice(1)
            .map((to, i) => ({ km: cosineKm(sorted[i]!, to), ms: to.t - sorted[i]!.t }));
          if (legs.some(({ km }) => Math.abs(km - 100) < 0.1)) return; // too near the limit for two formulas
          const expected = Math.max(0, ...legs.map(({ km, ms }) => (km < 100 ? 0 : (km / ms) * hourMs)));
          expect(split!).toBeCloseTo(expected, 1);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('rejects places that are not on earth', () => {
    const codes: string[] = [];
    const operator = createOperator<Seen>(
      { window: globalWindow(), aggregates: { kmh: maxSpeed({ latitude: 'lat', longitude: 'lon' }) } },
      { onResult: () => undefined, onRejected: ({ code }) => void codes.push(code) },
    );
    operator.add('k', 0, { t: 0, lat: 91, lon: 0 });
    operator.add('k', 0, { t: 0, lat: 0, lon: 181 });
    expect(codes).toEqual(['WINDOWING_NUMBER_INVALID', 'WINDOWING_NUMBER_INVALID']);
  });

  it('says what is missing in a definition', () => {
    expect(validateAggregates({ v: { type: 'maxSpeed', of: 'lat', minDistanceKm: 1 } })).toEqual([
      expect.stringContaining('The longitude of "v" is undefined'),
    ]);
    const spec = maxSpeed({ latitude: 'lat', longitude: 'lon' }, { minDistanceKm: -1 });
    expect(validateAggregates({ v: spec })).toEqual([expect.stringContaining('minDistanceKm is -1')]);
  });
});
