import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { count, Deduplication, session, Timers, TopN, tumbling, windowed } from '../index.ts';

describe('Deduplication', () => {
  const build = () => new Deduplication<null>({ withinMs: 10, outOfOrderMs: 100 });

  it('lets the first of a key through, repetitions within the time not', () => {
    const dedup = build();
    const times = [0, 10, 11, 21, 25, -10, -11];
    expect(times.map((t) => dedup.admit('a', t, null))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(dedup.admit('b', 0, null)).toBe(true);
    expect(dedup.repetitions).toBe(3);
  });

  it('forgets a key when no repetition can come any more', () => {
    const dedup = new Deduplication<null>({ withinMs: 10 });
    dedup.admit('a', 0, null);
    dedup.admit('b', 10, null);
    expect(dedup.keyCount).toBe(2);
    dedup.admit('b', 11, null);
    expect(dedup.keyCount).toBe(1);
  });

  it('reports late events and rejects those without time', () => {
    const seen: unknown[] = [];
    const dedup = new Deduplication<null>(
      { withinMs: 5 },
      { onLate: ({ timeMs }) => void seen.push(timeMs), onRejected: ({ code }) => void seen.push(code) },
    );
    dedup.admit('a', 100, null);
    expect([dedup.admit('a', 99, null), dedup.admit('a', NaN, null)]).toEqual([false, false]);
    expect(seen).toEqual([99, 'WINDOWING_TIME_INVALID']);
  });

  it('goes through snapshots without a trace', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.boolean())), (events) => {
        const whole = build();
        let part = build();
        for (const [t, restart] of events) {
          if (restart) {
            const bytes = part.snapshot();
            part = build();
            part.restore(bytes);
          }
          expect(part.admit('a', t, null)).toBe(whole.admit('a', t, null));
        }
      }),
    );
  });
});

describe('Timers', () => {
  it('fire once, in order, when the watermark reaches their time', () => {
    const fired: string[] = [];
    const timers = new Timers({}, (key, name, dueMs) => fired.push(`${key} ${name} ${dueMs}`));
    timers.set('a', 10, 'x');
    timers.set('a', 5, 'y');
    timers.set('b', 7);
    timers.set('a', 20, 'x');
    timers.set('c', 6);
    timers.clear('c');
    timers.seen(4);
    expect(fired).toEqual([]);
    timers.seen(10);
    expect(fired).toEqual(['a y 5', 'b  7']);
    timers.advanceWatermark(20);
    expect(fired).toEqual(['a y 5', 'b  7', 'a x 20']);
    expect(timers.keyCount).toBe(0);
  });

  it('are there after a restart', () => {
    const fired: unknown[] = [];
    const one = new Timers({}, () => undefined);
    one.set('a', 10, 'x');
    const two = new Timers({}, (key, name) => fired.push([key, name]));
    two.restore(one.snapshot());
    two.advanceWatermark(10);
    expect(fired).toEqual([['a', 'x']]);
  });

  it('refuse a time that is none', () => {
    expect(() => new Timers({}, () => undefined).set('a', NaN)).toThrow(/is set to NaN/);
  });
});

describe('TopN', () => {
  const views = (graceMs: number) =>
    windowed({
      window: tumbling({ sizeMs: 10 }),
      graceMs,
      time: (e: { t: number; page: string }) => e.t,
      key: (e) => e.page,
      aggregates: { n: count() },
    });

  it('ranks the results of each window, equal ones by key, and follows corrections', () => {
    const view = views(100);
    const top = new TopN<ReturnType<typeof view.push>[number]>({ n: 2, by: ({ n }) => n });
    const push = (t: number, page: string): void => view.push({ t, page }).forEach((row) => top.push(row));
    for (const [t, page] of [
      [0, 'c'],
      [1, 'b'],
      [2, 'a'],
      [3, 'c'],
      [10, 'a'],
    ] as const)
      push(t, page);
    const shown = () =>
      top.drain().map(({ windowStart, ranked }) => [windowStart, ranked.map(({ key, n }) => `${key} ${n}`)]);
    expect(shown()).toEqual([[0, ['c 2', 'a 1']]]);
    expect(shown()).toEqual([]);
    push(5, 'b');
    push(6, 'b');
    expect(shown()).toEqual([[0, ['b 3', 'c 2']]]);
    top.release(10);
    expect(top.size).toBe(0);
  });

  it('drops sessions that were taken back', () => {
    const view = windowed({
      window: session({ gapMs: 3 }),
      graceMs: 100,
      time: (t: number) => t,
      aggregates: { n: count() },
    });
    const top = new TopN<ReturnType<typeof view.push>[number]>({ n: 5, by: ({ n }) => n });
    for (const t of [0, 10, 20, 3]) view.push(t).forEach((row) => top.push(row));
    const rows = top.drain().flatMap(({ windowStart, ranked }) => ranked.map(({ n }) => [windowStart, n]));
    expect(rows).toEqual([
      [10, 1],
      [0, 2],
    ]);
  });
});
