/** Bad input: definitions are refused when they are built, events at run time go aside and the engine goes on. */
import { describe, expect, it } from '@jest/globals';
import type { Aggregate, OperatorOptions, Window } from './index.ts';
import {
  calendar,
  collect,
  count,
  countWindow,
  createOperator,
  cumulative,
  distinct,
  histogram,
  hopping,
  quantile,
  rate,
  resultType,
  session,
  sliding,
  sum,
  topK,
  tumbling,
  validateAggregates,
  validateWindow,
  variance,
  WindowingError,
} from './index.ts';

type Row = Record<string, unknown>;

function problem(options: Partial<OperatorOptions<Row>>): { code: string; message: string } {
  try {
    createOperator<Row>(
      { window: tumbling({ sizeMs: 10 }), aggregates: { n: count() }, ...options },
      { onResult: () => undefined },
    );
  } catch (error) {
    expect(error).toBeInstanceOf(WindowingError);
    const { code, message, retriable } = error as WindowingError;
    expect(retriable).toBe(false);
    return { code, message };
  }
  throw new Error('nothing was refused');
}

describe('a definition that cannot work', () => {
  it.each<[Window, string]>([
    [tumbling({ sizeMs: 0 }), 'sizeMs is 0'],
    [tumbling({ sizeMs: -5 }), 'sizeMs is -5'],
    [tumbling({ sizeMs: NaN }), 'sizeMs is NaN'],
    [tumbling({ sizeMs: 1.5 }), 'sizeMs is 1.5'],
    [tumbling({ sizeMs: '60' as never }), 'sizeMs is "60"'],
    [tumbling({ sizeMs: 5, offsetMs: Infinity }), 'offsetMs is Infinity'],
    [hopping({ sizeMs: 5, advanceMs: 6 }), 'advanceMs 6 is above sizeMs 5'],
    [hopping({ sizeMs: 5, advanceMs: 0 }), 'advanceMs is 0'],
    [hopping({ sizeMs: 1_000_000, advanceMs: 1 }), 'is 1000000'],
    [cumulative({ maxSizeMs: 10, stepMs: 3 }), 'no multiple of stepMs 3'],
    [sliding({ sizeMs: 0 }), 'sizeMs is 0'],
    [session({ gapMs: 0 }), 'gapMs is 0'],
    [session({ gapMs: '' }), 'gapMs is ""'],
    [countWindow({ size: 0 }), 'size is 0'],
    [calendar({ unit: 'day', timeZone: 'Mars/Olympus' }), '"Mars/Olympus"'],
    [calendar({ unit: 'year' as never, timeZone: 'UTC' }), '"year"'],
    [calendar({ unit: 'week', timeZone: 'UTC', weekStartsOn: 8 }), 'weekStartsOn is 8'],
    [{ type: 'tumblng' } as never, 'tumblng'],
    [{ ...tumbling({ sizeMs: 5 }), slideMs: 1 } as never, 'no setting "slideMs"; give sizeMs, offsetMs'],
  ])('names window %j, its value and the remedy', (window, text) => {
    const { code, message } = problem({ window: window as Window<Row> });
    expect(code).toMatch(/^WINDOWING_(SIZE|OPTION)_INVALID$/);
    expect(message).toContain(text);
    expect(message).toMatch(/give|make|keep/);
    expect(validateWindow(window)).toEqual([message]);
  });

  it.each<[Record<string, Aggregate<never>>, string]>([
    [{ key: count() }, 'is called "key"'],
    [{ q: quantile('x', 1.5) }, 'is 1.5'],
    [{ q: quantile('x', 0.5, { accuracy: 0 }) }, 'accuracy of "q" is 0'],
    [{ s: { type: 'sum' } }, 'input of "s" is undefined'],
    [{ s: { type: 'summ', of: 'x' } }, 'The aggregate "s" is'],
    [{ s: { type: 'toString', of: 'x' } }, 'The aggregate "s" is'],
    [{ t: topK('x', 0) }, 'k is 0'],
    [{ d: distinct('x', { exactUpTo: -1 }) }, 'exactUpTo is -1'],
    [{ c: collect('x', { limit: 1.5 }) }, 'limit is 1.5'],
    [{ h: histogram('x', [2, 1]) }, 'bounds of "h" are [2,1]'],
    [{ r: rate({ perMs: 0 }) }, 'perMs is 0'],
    [{ n: null as never }, 'The aggregate "n" is null'],
  ])('names aggregates %j, the value and the remedy', (aggregates, text) => {
    const { code, message } = problem({ aggregates: aggregates as never });
    expect(code).toMatch(/^WINDOWING_(AGGREGATE|OPTION)_INVALID$/);
    expect(message).toContain(text);
    expect(validateAggregates(aggregates)).toEqual([message]);
  });

  it.each<[Partial<OperatorOptions<Row>>, string]>([
    [{ outOfOrderMs: -1 }, 'outOfOrderMs is -1'],
    [{ graceMs: NaN }, 'graceMs is NaN'],
    [{ maxFutureMs: -1 }, 'maxFutureMs is -1'],
    [{ maxResultsPerCall: 0 }, 'maxResultsPerCall is 0'],
    [{ emit: 'sometimes' as never }, 'emit is "sometimes"'],
    [{ emit: {} }, 'emit is {}'],
    [{ emit: { everyEvents: 0 } }, 'everyEvents is 0'],
  ])('names option %j, its value and the remedy', (options, text) => {
    const { code, message } = problem(options);
    expect(code).toBe('WINDOWING_OPTION_INVALID');
    expect(message).toContain(text);
  });
});

describe('a definition as plain data', () => {
  it('goes through JSON unchanged and says what type its results have', () => {
    const aggregates = { p95: quantile('ms', 0.95), total: sum('bytes'), n: count(), top: topK('path', 3) };
    const read = JSON.parse(JSON.stringify(aggregates)) as typeof aggregates;
    expect(read).toEqual(aggregates);
    expect(validateAggregates(read)).toEqual([]);
    expect(Object.values(read).map((aggregate) => resultType(aggregate))).toEqual([
      'double',
      'same',
      'long',
      'json',
    ]);
    const name: 'ms' = aggregates.p95.of;
    expect(name).toBe('ms');
  });
});

describe('an event that cannot be counted', () => {
  const build = () => {
    const seen: string[] = [];
    const operator = createOperator<Row>(
      {
        window: tumbling({ sizeMs: 10 }),
        aggregates: { n: count(), total: sum('x'), spread: variance('y') },
        maxFutureMs: 1000,
        now: () => 500,
      },
      {
        onResult: ({ key, n, total }) => seen.push(`${String(key)} ${String(n)} ${String(total)}`),
        onRejected: ({ code, message }) => seen.push(`${code}: ${message}`),
      },
    );
    return { operator, seen };
  };

  it.each<[string, unknown, unknown, Row]>([
    ['WINDOWING_KEY_INVALID: The key is null', null, 1, {}],
    ['WINDOWING_KEY_INVALID: The key is undefined', undefined, 1, {}],
    ['WINDOWING_KEY_INVALID: The key is NaN', NaN, 1, {}],
    ['WINDOWING_KEY_INVALID: The key is {}', {}, 1, {}],
    ['WINDOWING_KEY_INVALID: The key is true', true, 1, {}],
    ['WINDOWING_TIME_INVALID: The event time is undefined', 'a', undefined, {}],
    ['WINDOWING_TIME_INVALID: The event time is NaN', 'a', NaN, {}],
    ['WINDOWING_TIME_INVALID: The event time is Infinity', 'a', Infinity, {}],
    ['WINDOWING_TIME_INVALID: The event time is 1.5', 'a', 1.5, {}],
    ['WINDOWING_TIME_INVALID: The event time is "1"', 'a', '1', {}],
    ['WINDOWING_TIME_INVALID: The event time is 9000000000000000', 'a', 9e15, {}],
    ['WINDOWING_TIME_FUTURE: The event time 1501 is 1001 ms ahead', 'a', 1501, {}],
    ['WINDOWING_NUMBER_INVALID: Field "x" is NaN', 'a', 1, { x: NaN }],
    ['WINDOWING_NUMBER_INVALID: Field "x" is -Infinity', 'a', 1, { x: -Infinity }],
    ['WINDOWING_NUMBER_INVALID: Field "x" is "7"', 'a', 1, { x: '7' }],
    ['WINDOWING_NUMBER_INVALID: Field "x" is 1e+300', 'a', 1, { x: 1e300 }],
    ['WINDOWING_NUMBER_INVALID: Field "x" is 9007199254740993', 'a', 1, { x: 2n ** 53n + 1n }],
    ['WINDOWING_NUMBER_INVALID: Field "y" is 1e+200', 'a', 1, { y: 1e200 }],
  ])('is rejected with "%s", changes nothing, and others are counted', (text, key, time, row) => {
    const { operator, seen } = build();
    operator.add('a', 0, { x: 1 });
    expect(operator.add(key as string, time as number, row)).toBe(false);
    expect(seen).toEqual([expect.stringContaining(text)]);
    expect(seen[0]).toMatch(/; (give|set)/);
    expect(operator.watermark).toBe(0);
    operator.add('a', 1500, { x: 2 });
    expect(seen[1]).toBe('a 1 1');
    expect(operator.counters).toEqual({ accepted: 2, late: 0, rejected: 1, results: 1 });
  });

  it('has its gap checked where it brings its own', () => {
    const codes: string[] = [];
    const operator = createOperator<Row>(
      { window: session({ gapMs: 'gap' }), aggregates: { n: count() } },
      { onResult: () => undefined, onRejected: ({ code }) => codes.push(code) },
    );
    for (const gap of [-1, null, 1.5]) expect(operator.add('a', 9, { gap })).toBe(false);
    expect(operator.watermark).toBe(-Infinity);
    operator.add('a', 0, { gap: 5 });
    expect(codes).toEqual(['WINDOWING_SIZE_INVALID', 'WINDOWING_SIZE_INVALID', 'WINDOWING_SIZE_INVALID']);
    expect(operator.windowCount).toBe(1);
  });
});

describe('a watermark', () => {
  it('that is no number is refused', () => {
    const operator = createOperator<Row>(
      { window: tumbling({ sizeMs: 10 }), aggregates: {} },
      { onResult: () => undefined },
    );
    expect(() => operator.advanceWatermark(NaN)).toThrow(/The watermark is NaN/);
  });
});
