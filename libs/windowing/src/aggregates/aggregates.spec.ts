import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Aggregate } from '../index.ts';
import {
  collect,
  count,
  coverage,
  createOperator,
  custom,
  distinct,
  first,
  funnel,
  gaps,
  globalWindow,
  histogram,
  integral,
  last,
  max,
  mean,
  min,
  path,
  quantile,
  rate,
  robustScore,
  seasonalScore,
  stddev,
  sum,
  topK,
  tumbling,
  variance,
} from '../index.ts';

interface Event {
  t: number;
  x: unknown;
}

type Named = Record<string, Aggregate<Event>>;

/** The results of one window over all events, in `parts` that are snapshot, restored and merged. */
function evaluate(aggregates: Named, parts: readonly (readonly Event[])[]): Record<string, unknown> {
  let result: Record<string, unknown> = {};
  const build = () =>
    createOperator<Event>(
      { window: globalWindow(), aggregates },
      { onResult: (row) => void (result = structuredClone(row)) },
    );
  const whole = build();
  for (const part of parts) {
    const one = build();
    for (const event of part) one.add('k', event.t, event);
    whole.restore(one.snapshot(), { mode: 'merge' });
  }
  whole.finish();
  return result;
}

const single = (aggregate: Aggregate<Event>, values: readonly unknown[]): unknown =>
  evaluate({ v: aggregate }, [values.map((x, t) => ({ t, x }))])['v'];

const everything: Named = {
  count: count(),
  present: count('x'),
  rate: rate(),
  sum: sum('x'),
  mean: mean('x'),
  min: min('x'),
  max: max('x'),
  variance: variance('x'),
  stddev: stddev('x'),
  first: first('x'),
  last: last('x'),
  distinct: distinct('x', { exactUpTo: 8 }),
  median: quantile('x', 0.5),
  p95: quantile('x', 0.95),
  top: topK('x', 3),
  list: collect('x', { limit: 10 }),
  area: integral('x', { maxGapMs: 7, perMs: 1 }),
  covered: coverage('x', { maxGapMs: 7 }),
  gaps: gaps('x', { maxGapMs: 7 }),
  bins: histogram('x', [-10, 0, 10]),
  path: path('x', { limit: 10 }),
  funnel: funnel('x', [1, 2, 3], { withinMs: 20 }),
  robust: robustScore('x'),
  seasonal: seasonalScore('x', { seasonMs: 10, slotMs: 3 }),
  longest: custom('x', {
    create: () => 0,
    add: (state: number, x) => Math.max(state, String(x).length),
    merge: (a, b) => Math.max(a, b),
    value: (state) => state ?? 0,
  }),
};

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }),
  fc.double({ noNaN: true, min: -1000, max: 1000 }),
);
const event = fc.record({ t: fc.integer({ min: -50, max: 50 }), x: fc.option(number, { freq: 8 }) });

describe('all aggregates', () => {
  it('give one value for any order, any split and any restart', () => {
    fc.assert(
      fc.property(
        fc
          .array(event, { maxLength: 90 })
          .chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
              fc.array(fc.integer({ min: 0, max: events.length }), { maxLength: 4 }),
            ),
          ),
        ([events, shuffled, cuts]) => {
          const edges = [0, ...cuts.toSorted((a, b) => a - b), events.length];
          const parts = edges.slice(1).map((end, i) => shuffled.slice(edges[i], end));
          expect(evaluate(everything, parts)).toEqual(evaluate(everything, [events]));
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** The sum as a fraction over 2^1074, exactly. */
function exactly(values: readonly number[]): number {
  const view = new DataView(new ArrayBuffer(8));
  let total = 0n;
  for (const value of values) {
    view.setFloat64(0, value);
    const bits = view.getBigUint64(0);
    const exponent = Number((bits >> 52n) & 0x7ffn);
    const fraction = bits & 0xf_ffff_ffff_ffffn;
    const scaled = exponent === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponent - 1);
    total += value < 0 ? -scaled : scaled;
  }
  const negative = total < 0n;
  let magnitude = negative ? -total : total;
  // Round to 53 bits, ties to even.
  const excess = Math.max(0, magnitude.toString(2).length - 53);
  const half = excess === 0 ? 0n : 1n << BigInt(excess - 1);
  const rest = magnitude & ((1n << BigInt(excess)) - 1n);
  magnitude >>= BigInt(excess);
  if (rest > half || (rest === half && half > 0n && (magnitude & 1n) === 1n)) magnitude++;
  const value = Number(magnitude) * 2 ** Math.min(excess, 1000) * 2 ** Math.max(0, excess - 1000);
  return (negative ? -1 : 1) * value * 2 ** -537 * 2 ** -537;
}

describe('sum', () => {
  it('is the true sum rounded once, however the numbers differ in size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e280, max: 1e280 }), {
          minLength: 1,
          maxLength: 40,
        }),
        (values) => {
          const expected = exactly(values);
          if (Number.isFinite(expected)) expect(single(sum('x'), values)).toBe(expected + 0);
        },
      ),
      { numRuns: 500 },
    );
    expect(single(sum('x'), [1e100, 1, -1e100])).toBe(1);
    expect(
      single(
        sum('x'),
        Array.from({ length: 10 }, () => 0.1),
      ),
    ).toBe(1);
  });

  it('is exact for integers, above 2^53 too', () => {
    const big = Number.MAX_SAFE_INTEGER;
    expect(single(sum('x'), [big, big, 1, -big, -big])).toBe(1);
    expect(single(sum('x'), [10n, 5n])).toBe(15);
  });

  it('takes null for nothing', () => {
    expect(
      evaluate({ s: sum('x'), m: mean('x'), n: count(), p: count('x') }, [[{ t: 0, x: null }]]),
    ).toMatchObject({ s: 0, m: null, n: 1, p: 0 });
  });
});

describe('variance', () => {
  it('does not lose small differences between large numbers', () => {
    expect(single(variance('x'), [1e9 + 1, 1e9 + 2, 1e9 + 3])).toBeCloseTo(2 / 3, 12);
    expect(single(stddev('x'), [7, 7, 7])).toBe(0);
  });

  it('is that of the definition', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
        const average = values.reduce((a, b) => a + b, 0) / values.length;
        const expected = values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length;
        expect(Math.abs((single(variance('x'), values) as number) - expected)).toBeLessThanOrEqual(
          1e-9 * (1 + expected),
        );
      }),
    );
  });
});

describe('quantile', () => {
  it('is off by at most its accuracy, and exact for few numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 300 }),
        fc.double({ noNaN: true, min: 0, max: 1 }),
        fc.constantFrom(0.001, 0.01, 0.1),
        (values, q, accuracy) => {
          const rank = Math.max(0, Math.ceil(q * values.length) - 1);
          const expected = Float64Array.from(values).sort()[rank]!;
          const got = single(quantile('x', q, { accuracy }), values) as number;
          const allowed = values.length <= 64 ? 0 : Math.abs(expected) * accuracy * 1.000001 + 1e-300;
          expect(Math.abs(got - expected)).toBeLessThanOrEqual(allowed);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('distinct', () => {
  it('is exact up to its limit and within four standard errors beyond', () => {
    expect(single(distinct('x'), [1, '1', 1, true, null, 'a'])).toBe(4);
    for (const n of [900, 5_000, 20_000]) {
      const values = Array.from({ length: n }, (_, i) => `user-${i}`);
      const got = single(distinct('x'), [...values, ...values.slice(0, 500)]) as number;
      if (n <= 1000) expect(got).toBe(n);
      else expect(Math.abs(got - n) / n).toBeLessThan(4 * 0.0081);
    }
    const integers = Array.from({ length: 15_000 }, (_, i) => i);
    expect(Math.abs((single(distinct('x'), integers) as number) - 15_000) / 15_000).toBeLessThan(4 * 0.0081);
  });
});

describe('topK', () => {
  it('is exact for few values and keeps its stated error for many', () => {
    expect(single(topK('x', 2), ['b', 'a', 'b', 'c', 'a'])).toEqual([
      { value: 'a', count: 2, error: 0 },
      { value: 'b', count: 2, error: 0 },
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 400 }), (values) => {
        const capacity = 5;
        const entries = single(topK('x', 3, { capacity }), values) as {
          value: number;
          count: number;
          error: number;
        }[];
        for (const { value, count: least, error } of entries) {
          const truth = values.filter((other) => other === value).length;
          expect(least).toBeLessThanOrEqual(truth);
          expect(truth).toBeLessThanOrEqual(least + error);
          expect(error).toBeLessThanOrEqual(values.length / (capacity + 1));
        }
      }),
    );
  });
});

describe('first and last', () => {
  it('go by event time, not by arrival', () => {
    const events = [
      { t: 5, x: 'late' },
      { t: 1, x: 'early' },
      { t: 9, x: null },
    ];
    expect(evaluate({ f: first('x'), l: last('x') }, [events])).toMatchObject({ f: 'early', l: 'late' });
  });
});

describe('path and funnel', () => {
  const visit = (steps: string): Event[] => [...steps].map((x, t) => ({ t: t * 10, x }));

  it('show the way through a session, repetitions as one', () => {
    expect(evaluate({ p: path('x') }, [visit('hhpphc')])['p']).toEqual(['h', 'p', 'h', 'c']);
  });

  it('count the steps that came in order, with others between them', () => {
    const of = (steps: string, withinMs?: number): unknown =>
      evaluate({ f: funnel('x', ['v', 'c', 'b'], withinMs === undefined ? {} : { withinMs }) }, [
        visit(steps),
      ])['f'];
    expect(of('vxcxb')).toEqual({ reached: 3, converted: true, tookMs: 40 });
    expect(of('bcv')).toEqual({ reached: 1, converted: false, tookMs: 0 });
    expect(of('xxx')).toEqual({ reached: 0, converted: false, tookMs: null });
    expect(of('vcxxxxxxb', 50)).toEqual({ reached: 2, converted: false, tookMs: 10 });
    expect(of('vxxxxxxvcb', 50)).toEqual({ reached: 3, converted: true, tookMs: 20 });
  });
});

describe('anomaly scores', () => {
  it('rise for the outlier alone', () => {
    expect(Math.abs(single(robustScore('x'), [10, 11, 9, 10, 12, 8, 10, 11, 10]) as number)).toBeLessThan(2);
    expect(single(robustScore('x'), [10, 11, 9, 10, 12, 8, 10, 11, 50])).toBeGreaterThan(20);
    expect(single(robustScore('x'), [5, 5, 5])).toBeNull();
  });

  it('compare with the same hour of other days', () => {
    const busyAtNoon = (latest: number): Event[] => [
      ...Array.from({ length: 10 }, (_, day) => [
        { t: day * 24, x: 100 + (day % 3) },
        { t: day * 24 + 12, x: 1000 + (day % 3) * 10 },
      ]).flat(),
      { t: 10 * 24, x: latest },
    ];
    const score = (latest: number): unknown =>
      evaluate({ s: seasonalScore('x', { seasonMs: 24, slotMs: 1 }) }, [busyAtNoon(latest)])['s'];
    expect(Math.abs(score(101) as number)).toBeLessThan(1);
    expect(score(1000)).toBeGreaterThan(100);
  });
});

describe('rate', () => {
  it('is the number of events a second of the window', () => {
    const rates: unknown[] = [];
    const operator = createOperator<null>(
      { window: tumbling({ sizeMs: 4000 }), aggregates: { r: rate(), perMinute: rate({ perMs: 60_000 }) } },
      { onResult: ({ r, perMinute }) => void rates.push(r, perMinute) },
    );
    for (let t = 0; t < 4000; t += 500) operator.add('k', t, null);
    operator.finish();
    expect(rates).toEqual([2, 120]);
  });
});
