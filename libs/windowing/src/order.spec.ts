/** One result for any order of arrival within the bound, any partitions and any restarts, equal to the naive reference. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Assign, NaiveEvent, NaiveRow } from '../test/naive-windows.ts';
import {
  assignCumulative,
  assignHopping,
  naiveSessions,
  naiveSliding,
  naiveWindows,
  sortedRows,
} from '../test/naive-windows.ts';
import type { Emit, Operator, Window } from './index.ts';
import { collect, createOperator, cumulative, hopping, session, sliding, tumbling } from './index.ts';

interface Row {
  value: number;
}

interface Run {
  readonly window: Window<Row>;
  readonly outOfOrderMs: number;
  readonly graceMs: number;
  readonly emit: Emit;
  readonly partitions: number;
}

/** Feeds events, restarting where told, and returns what stands at the end; fails on a retraction of what is not out. */
function run(options: Run, events: readonly (NaiveEvent & { restart: boolean })[]): NaiveRow[] {
  const rows = new Map<string, NaiveRow>();
  let missed = 0;
  const build = (): Operator<Row> =>
    createOperator<Row>(
      {
        ...options,
        partitions: Array.from({ length: options.partitions }, (_, i) => i),
        aggregates: { values: collect('value') },
      },
      {
        onResult({ key, windowStart, windowEnd, values, state }) {
          const id = `${String(key)} ${String(windowStart)} ${String(windowEnd)}`;
          if (state === 'retracted') expect(rows.delete(id)).toBe(true);
          else rows.set(id, { key, start: windowStart, end: windowEnd, values } as NaiveRow);
        },
        onLate: () => void missed++,
      },
    );
  let operator = build();
  const row = { value: 0 };
  for (const { key, t, value, partition, restart } of events) {
    if (restart) {
      const bytes = operator.snapshot();
      operator = build();
      operator.restore(bytes);
    }
    row.value = value;
    operator.add(key, t, row, partition);
    if (options.emit === 'onUpdate' && value % 3 === 0) operator.drainUpdates();
  }
  operator.finish();
  expect(missed).toBe(0);
  expect(operator.windowCount).toBe(0);
  return sortedRows([...rows.values()]);
}

const BOUND = 25;

/** Events of ascending true time, each delayed by less than the bound: arrival in order of time + delay. */
const arrival = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      t: fc.integer({ min: -100, max: 100 }),
      delay: fc.integer({ min: 0, max: BOUND }),
      value: fc.integer({ min: 0, max: 50 }),
      partition: fc.integer({ min: 0, max: 2 }),
      restart: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
    { maxLength: 60 },
  )
  .map((events) => events.toSorted((a, b) => a.t + a.delay - (b.t + b.delay)));

const emits: fc.Arbitrary<Emit> = fc.constantFrom<Emit>(
  'onClose',
  'onUpdate',
  { everyEvents: 3 },
  { everyMs: 10 },
);
/** The same disorder is covered by the bound alone or by the bound and grace together. */
const bounds = fc.constantFrom([BOUND, 0], [BOUND - 10, 10], [0, BOUND], [BOUND, 7]);
const size = fc.integer({ min: 1, max: 30 });

function check(
  windows: fc.Arbitrary<{ window: Window<Row>; naive: (events: readonly NaiveEvent[]) => NaiveRow[] }>,
): void {
  fc.assert(
    fc.property(windows, arrival, emits, bounds, ({ window, naive }, events, emit, [bound, grace]) => {
      const options = { window, emit, outOfOrderMs: bound!, graceMs: grace! };
      const one = events.map((event) => ({ ...event, partition: 0 }));
      expect(run({ ...options, partitions: 1 }, one)).toEqual(sortedRows(naive(events)));
      expect(run({ ...options, partitions: 3 }, events)).toEqual(sortedRows(naive(events)));
    }),
    { numRuns: 150 },
  );
}

const aligned = (window: Window<Row>, assign: Assign) => ({
  window,
  naive: (events: readonly NaiveEvent[]) => naiveWindows(events, assign),
});

describe('in any order within the bound', () => {
  it('tumbling windows are those of the reference', () => {
    check(size.map((n) => aligned(tumbling({ sizeMs: n, offsetMs: 3 }), assignHopping(n, n, 3))));
  });

  it('hopping windows are those of the reference', () => {
    check(
      fc
        .tuple(size, size)
        .map(([n, m]) => [Math.max(n, m), Math.min(n, m)] as const)
        .map(([n, m]) => aligned(hopping({ sizeMs: n, advanceMs: m }), assignHopping(n, m))),
    );
  });

  it('cumulative windows are those of the reference', () => {
    check(
      fc
        .tuple(size, fc.integer({ min: 1, max: 4 }))
        .map(([n, k]) => aligned(cumulative({ maxSizeMs: n * k, stepMs: n }), assignCumulative(n * k, n))),
    );
  });

  it('sessions are those of the reference', () => {
    check(
      size.map((gapMs) => ({
        window: session({ gapMs }),
        naive: (events) => naiveSessions(events, gapMs),
      })),
    );
  });

  it('sliding windows are those of the reference', () => {
    check(
      size.map((sizeMs) => ({
        window: sliding({ sizeMs }),
        naive: (events) => naiveSliding(events, sizeMs),
      })),
    );
  });
});

describe('results that wait', () => {
  it('are the same, however few are handed out at a time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Window<Row>>(
          tumbling({ sizeMs: 10 }),
          hopping({ sizeMs: 12, advanceMs: 5 }),
          session({ gapMs: 4 }),
          sliding({ sizeMs: 6 }),
        ),
        arrival,
        fc.integer({ min: 1, max: 3 }),
        bounds,
        fc.constantFrom('onClose' as const, 'onUpdate' as const),
        (window, events, perCall, [bound, grace], emit) => {
          const results = (maxResultsPerCall?: number): string[] => {
            const seen: string[] = [];
            const operator = createOperator<Row>(
              {
                window,
                emit,
                outOfOrderMs: bound! - 5 < 0 ? 0 : bound! - 5,
                graceMs: grace!,
                aggregates: { values: collect('value') },
                ...(maxResultsPerCall && { maxResultsPerCall }),
              },
              {
                onResult: ({ watermark: _, ...rest }) => void seen.push(JSON.stringify(rest)),
                onLate: ({ key, timeMs, windowStart, windowEnd }) =>
                  void seen.push(JSON.stringify(['late', key, timeMs, windowStart, windowEnd])),
              },
            );
            for (const { key, t, value } of events) operator.add(key, t, { value });
            operator.finish();
            return seen.sort();
          };
          expect(results(perCall)).toEqual(results());
        },
      ),
    );
  });
});
