import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coverage, createOperator, gaps, globalWindow, integral, session, tumbling } from '../index.ts';
import type { Window } from '../index.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Reading {
  readonly t: number;
  readonly kw: number | null;
}

/** Results per window of readings that arrive in the given order. */
function over(window: Window<Reading>, readings: readonly Reading[], maxGapMs = 10 * minuteMs) {
  const results: Record<string, unknown>[] = [];
  const operator = createOperator<Reading>(
    {
      window,
      outOfOrderMs: 10 * hourMs,
      aggregates: {
        kwh: integral('kw', { maxGapMs }),
        covered: coverage('kw', { maxGapMs }),
        gaps: gaps('kw', { maxGapMs }),
      },
    },
    { onResult: ({ kwh, covered, gaps: broken }) => void results.push({ kwh, covered, gaps: broken }) },
  );
  for (const reading of readings) operator.add('house', reading.t, reading);
  operator.finish();
  return results;
}

const hour = tumbling({ sizeMs: hourMs });
const every = (stepMs: number, kw: (t: number) => number | null, untilMs = hourMs): Reading[] =>
  Array.from({ length: untilMs / stepMs }, (_, i) => ({ t: i * stepMs, kw: kw(i * stepMs) }));

describe('integral', () => {
  it('makes kWh of kW: a constant power times the time that is covered', () => {
    expect(
      over(
        hour,
        every(5 * minuteMs, () => 2),
      ),
    ).toEqual([{ kwh: 2, covered: 1, gaps: 0 }]);
  });

  it('is exact for power that rises in a straight line, but for what is held at the end', () => {
    const [result] = over(
      hour,
      every(minuteMs, (t) => t / hourMs),
    );
    expect(result!['kwh']).toBeCloseTo(0.5 - 1 / 60 / 60 / 2, 12);
  });

  it('has nothing in a gap longer than the limit, which coverage and gaps show', () => {
    const withGap = every(5 * minuteMs, () => 6).filter(({ t }) => t <= 20 * minuteMs || t >= 35 * minuteMs);
    expect(over(hour, withGap)).toEqual([{ kwh: 4.5, covered: 0.75, gaps: 1 }]);
  });

  it('covers a gap of exactly the limit, and takes null for no reading', () => {
    const withNulls = every(5 * minuteMs, (t) => (t % (10 * minuteMs) === 0 ? 6 : null));
    expect(over(hour, withNulls)).toEqual([{ kwh: 6, covered: 1, gaps: 0 }]);
  });

  it('holds the first and the last reading to the edges of the window, no further than the limit', () => {
    expect(over(hour, [{ t: 10 * minuteMs, kw: 6 }])).toEqual([{ kwh: 1, covered: 1 / 6, gaps: 0 }]);
    expect(over(hour, [{ t: 11 * minuteMs, kw: 6 }])).toEqual([{ kwh: 0, covered: 0, gaps: 0 }]);
    expect(over(hour, [{ t: 55 * minuteMs, kw: 6 }])).toEqual([{ kwh: 0.5, covered: 1 / 12, gaps: 0 }]);
    expect(over(hour, [{ t: 0, kw: null }])).toEqual([{ kwh: null, covered: 0, gaps: 0 }]);
  });

  it('holds nothing where a window has no edge, and a session up to its end', () => {
    const two = [
      { t: 0, kw: 6 },
      { t: 10 * minuteMs, kw: 6 },
    ];
    expect(over(globalWindow(), two)).toEqual([{ kwh: 1, covered: null, gaps: 0 }]);
    expect(over(session({ gapMs: 10 * minuteMs }), two)).toEqual([{ kwh: 2, covered: 1, gaps: 0 }]);
  });

  it('takes the greatest of several readings of one time', () => {
    const twice = [...every(5 * minuteMs, () => 2), ...every(5 * minuteMs, () => 1)];
    expect(over(hour, twice)).toEqual([{ kwh: 2, covered: 1, gaps: 0 }]);
  });

  it('is what adding up trapezoids gives, in any order of arrival, and windows add up to the whole', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 4 * hourMs - 1 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 90 * minuteMs }),
        fc.infiniteStream(fc.integer()),
        (times, maxGapMs, order) => {
          const readings = times.map((t) => ({ t, kw: ((t / 1000) % 7) - 2 }));
          const shuffled = readings
            .map((reading) => ({ reading, at: order.next().value ?? 0 }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ reading }) => reading);
          const results = over(hour, shuffled, maxGapMs);
          expect(results).toEqual(over(hour, readings, maxGapMs));
          const windows = Map.groupBy(
            readings.toSorted((a, b) => a.t - b.t),
            ({ t }) => Math.floor(t / hourMs),
          );
          const expected = [...windows].map(([n, inside]) => trapezoids(inside, n * hourMs, maxGapMs));
          results.forEach(({ kwh, covered }, i) => {
            expect(kwh).toBeCloseTo(expected[i]!.kwh, 9);
            expect(covered).toBeCloseTo(expected[i]!.coveredMs / hourMs, 9);
          });
        },
      ),
    );
  });

  it('refuses a definition without a limit', () => {
    const withoutLimit = { type: 'integral', of: 'kw', perMs: 1 } as ReturnType<typeof integral<'kw'>>;
    expect(() =>
      createOperator({ window: hour, aggregates: { kwh: withoutLimit } }, { onResult: () => undefined }),
    ).toThrow(/integral "kwh": maxGapMs is undefined/);
  });

  it('rejects a number too large for its sums', () => {
    const codes: string[] = [];
    const operator = createOperator<Reading>(
      { window: hour, aggregates: { kwh: integral('kw', { maxGapMs: 1 }) } },
      { onResult: () => undefined, onRejected: ({ code }) => void codes.push(code) },
    );
    operator.add('house', 0, { t: 0, kw: 1e300 });
    expect(codes).toEqual(['WINDOWING_NUMBER_INVALID']);
  });
});

/** The definition, written plainly: held edges are readings of their own at the window's bounds. */
function trapezoids(inside: readonly Reading[], startMs: number, maxGapMs: number) {
  const points = [
    { t: startMs, kw: inside[0]!.kw },
    ...inside,
    { t: startMs + hourMs, kw: inside.at(-1)!.kw },
  ];
  let kwh = 0;
  let coveredMs = 0;
  for (let i = 1; i < points.length; i++) {
    const lengthMs = points[i]!.t - points[i - 1]!.t;
    if (lengthMs > maxGapMs) continue;
    kwh += ((points[i]!.kw! + points[i - 1]!.kw!) / 2) * (lengthMs / hourMs);
    coveredMs += lengthMs;
  }
  return { kwh, coveredMs };
}
