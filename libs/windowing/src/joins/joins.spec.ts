import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StreamJoinOptions } from '../index.ts';
import { StreamJoin, TableJoin } from '../index.ts';

interface Event {
  side: 'left' | 'right';
  key: string;
  t: number;
  id: number;
}

/** Every pair compared with every other, and the rows that found none. */
function naiveJoin(events: readonly Event[], { type, beforeMs, afterMs }: StreamJoinOptions): string[] {
  const rows: string[] = [];
  const left = events.filter(({ side }) => side === 'left');
  const right = events.filter(({ side }) => side === 'right');
  const joins = (l: Event, r: Event): boolean =>
    l.key === r.key && r.t >= l.t - beforeMs && r.t <= l.t + afterMs;
  for (const l of left) {
    for (const r of right) if (joins(l, r)) rows.push(`${l.key} ${Math.max(l.t, r.t)} ${l.id} ${r.id}`);
    if (type !== 'inner' && !right.some((r) => joins(l, r))) rows.push(`${l.key} ${l.t} ${l.id} null`);
  }
  for (const r of right) {
    if (type === 'outer' && !left.some((l) => joins(l, r))) rows.push(`${r.key} ${r.t} null ${r.id}`);
  }
  return rows.sort();
}

const arrival = fc
  .array(
    fc.record({
      side: fc.constantFrom('left' as const, 'right' as const),
      key: fc.constantFrom('a', 'b'),
      t: fc.integer({ min: -50, max: 50 }),
      delay: fc.integer({ min: 0, max: 10 }),
      restart: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    }),
    { maxLength: 40 },
  )
  .map((events) =>
    events.toSorted((a, b) => a.t + a.delay - (b.t + b.delay)).map((event, id) => ({ ...event, id })),
  );

describe('StreamJoin', () => {
  it('gives the rows of the reference for any order within the bound, across restarts and changelogs', () => {
    fc.assert(
      fc.property(
        fc.record({
          type: fc.constantFrom('inner' as const, 'left' as const, 'outer' as const),
          beforeMs: fc.integer({ min: 0, max: 15 }),
          afterMs: fc.integer({ min: 0, max: 15 }),
        }),
        arrival,
        fc.boolean(),
        (how, events, byChanges) => {
          const rows: string[] = [];
          const options: StreamJoinOptions = { ...how, outOfOrderMs: 10, trackChanges: true };
          const build = (): StreamJoin<Event, Event> =>
            new StreamJoin<Event, Event>(options, {
              onRow: ({ key, timeMs, left, right }) =>
                rows.push(`${key} ${timeMs} ${left?.id ?? null} ${right?.id ?? null}`),
              onLate: () => {
                throw new Error('nothing is late');
              },
            });
          const log: Uint8Array[] = [];
          let join = build();
          for (const event of events) {
            if (event.restart) {
              join.drainChanges((_, bytes) => log.push(bytes.slice()));
              const pieces = byChanges ? [...log, join.saveMeta()] : [join.snapshot()];
              join = build();
              for (const piece of pieces) join.restore(piece);
            }
            if (event.side === 'left') join.addLeft(event.key, event.t, event);
            else join.addRight(event.key, event.t, event);
          }
          join.finish();
          expect(rows.sort()).toEqual(naiveJoin(events, options));
          expect(join.keyCount).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('holds both edges of the interval, and nothing beyond', () => {
    const pairs: number[] = [];
    const join = new StreamJoin<null, number>(
      { type: 'inner', beforeMs: 5, afterMs: 3 },
      { onRow: ({ right }) => void pairs.push(right!) },
    );
    join.addLeft('a', 10, null);
    for (const t of [4, 5, 13, 14]) join.addRight('a', t, t);
    expect(pairs).toEqual([5, 13]);
  });

  it('takes a row exactly at time + reach + grace of the watermark, and reports it one later', () => {
    for (const [watermark, taken] of [
      [15, true],
      [16, false],
    ] as const) {
      const late: number[] = [];
      const join = new StreamJoin<null, null>(
        { type: 'inner', beforeMs: 0, afterMs: 3, graceMs: 2, watermarks: 'explicit' },
        { onRow: () => undefined, onLate: ({ latenessMs }) => void late.push(latenessMs) },
      );
      join.advanceSide('left', watermark);
      join.advanceSide('right', watermark);
      join.addLeft('a', 10, null);
      expect(late).toEqual(taken ? [] : [6]);
    }
  });

  it('does not close because one side is fast', () => {
    const rows: unknown[] = [];
    const join = new StreamJoin<string, string>(
      { type: 'left', beforeMs: 1, afterMs: 1 },
      { onRow: ({ left, right }) => void rows.push([left, right]) },
    );
    join.addLeft('a', 10, 'l');
    join.addLeft('a', 1000, 'm');
    expect(rows).toEqual([]);
    join.addRight('a', 11, 'r');
    join.markSideIdle('right');
    expect(rows).toEqual([['l', 'r']]);
    join.finish();
    expect(rows).toEqual([
      ['l', 'r'],
      ['m', null],
    ]);
  });

  it('keeps what a reused row held, and rejects what has no key or time', () => {
    const rows: unknown[] = [];
    const codes: string[] = [];
    const join = new StreamJoin<{ v: number }, null>(
      { type: 'inner', beforeMs: 1, afterMs: 1 },
      { onRow: ({ left }) => void rows.push(left), onRejected: ({ code }) => void codes.push(code) },
    );
    const row = { v: 1 };
    join.addLeft('a', 1, row);
    row.v = 2;
    join.addRight('a', 1, null);
    expect(join.addLeft(null as never, 1, row)).toBe(false);
    expect(join.addLeft('a', Infinity, row)).toBe(false);
    expect(rows).toEqual([{ v: 1 }]);
    expect(codes).toEqual(['WINDOWING_KEY_INVALID', 'WINDOWING_TIME_INVALID']);
  });

  it('refuses options that cannot work', () => {
    const build = (options: unknown) => () =>
      new StreamJoin(options as StreamJoinOptions, { onRow: () => undefined });
    expect(build({ type: 'cross', beforeMs: 0, afterMs: 0 })).toThrow(/"cross"; give "inner"/);
    expect(build({ type: 'inner', beforeMs: -1, afterMs: 0 })).toThrow(/beforeMs is -1/);
  });
});

describe('TableJoin', () => {
  it('joins with the table as it is when the row comes', () => {
    const rows: unknown[] = [];
    const join = new TableJoin<string, string>(
      { type: 'left' },
      { onRow: ({ left, right }) => void rows.push([left, right]) },
    );
    join.add('a', 1, 'before');
    join.upsert('a', 5, 'v1');
    join.add('a', 1, 'after');
    join.upsert('a', 6, null);
    join.add('a', 9, 'deleted');
    expect(rows).toEqual([
      ['before', null],
      ['after', 'v1'],
      ['deleted', null],
    ]);
    expect(join.keyCount).toBe(0);
  });

  it('joins with the version of the event time, for any order within the bound and across restarts', () => {
    fc.assert(
      fc.property(arrival, fc.constantFrom('inner' as const, 'left' as const), (all, type) => {
        // Two versions of one time have no order of their own: one of them is enough.
        const events = all.filter(
          (event, i) =>
            event.side === 'left' ||
            !all
              .slice(0, i)
              .some(({ side, key, t }) => side === 'right' && key === event.key && t === event.t),
        );
        const rows: string[] = [];
        const build = (): TableJoin<Event, Event> =>
          new TableJoin<Event, Event>(
            { type, versioned: { historyMs: 20 }, outOfOrderMs: 10 },
            {
              onRow: ({ left, right }) => rows.push(`${left!.id} ${right?.id ?? null}`),
              onLate: () => {
                throw new Error('nothing is late');
              },
            },
          );
        let join = build();
        for (const event of events) {
          if (event.restart) {
            const bytes = join.snapshot();
            join = build();
            join.restore(bytes);
          }
          if (event.side === 'left') join.add(event.key, event.t, event);
          else join.upsert(event.key, event.t, event);
        }
        join.finish();
        const expected = events.flatMap((event) => {
          if (event.side !== 'left') return [];
          const version = events
            .filter(({ side, key, t }) => side === 'right' && key === event.key && t <= event.t)
            .sort((a, b) => b.t - a.t)[0];
          if (version === undefined && type === 'inner') return [];
          return [`${event.id} ${version?.id ?? null}`];
        });
        expect(rows.sort()).toEqual(expected.sort());
      }),
      { numRuns: 200 },
    );
  });

  it('sets aside a row that is older than the versions it keeps', () => {
    const late: number[] = [];
    const join = new TableJoin<null, string>(
      { type: 'left', versioned: { historyMs: 5 }, watermarks: 'explicit' },
      { onRow: () => undefined, onLate: ({ timeMs }) => void late.push(timeMs) },
    );
    join.upsert('a', 1, 'v');
    join.advanceSide('table', 20);
    join.advanceSide('stream', 20);
    join.add('a', 15, null);
    join.add('a', 14, null);
    expect(late).toEqual([14]);
  });
});
