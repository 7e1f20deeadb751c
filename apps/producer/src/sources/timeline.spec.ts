import { describe, expect, it } from '@jest/globals';
import type { SourcePosition } from './source.ts';
import { timeline } from './timeline.ts';

/** Something happens at every multiple of 10 ms. */
const between = (seed: number, fromMs: number, toMs: number) => {
  const times: number[] = [];
  for (let timeMs = Math.ceil(fromMs / 10) * 10; timeMs < toMs; timeMs += 10) times.push(timeMs + seed);
  return times;
};

const HOUR_MS = 3_600_000;

/** Something happens at every full hour. */
const hourly = (_seed: number, fromMs: number, toMs: number) => {
  const times: number[] = [];
  for (let timeMs = Math.ceil(fromMs / HOUR_MS) * HOUR_MS; timeMs < toMs; timeMs += HOUR_MS)
    times.push(timeMs);
  return times;
};

/** Tells the world at each of these clock readings. */
async function tell(readings: readonly number[], position?: SourcePosition, historyMs?: number) {
  // Hours of a world in which so much happens would fill the memory.
  const world = historyMs === undefined ? between : hourly;
  const left = [...readings];
  const stop = new AbortController();
  const items: number[] = [];
  let last = position;
  const now = () => {
    if (left.length <= 1) stop.abort();
    return (left.length > 1 ? left.shift() : left[0]) ?? 0;
  };
  const source = timeline({
    name: 'w',
    what: 'a world',
    seed: 0,
    between: world,
    everyMs: 0,
    now,
    ...(historyMs && { historyMs }),
  });
  for await (const batch of source.open(position, stop.signal, new Map())) {
    items.push(...batch.items);
    last = batch.position;
  }
  return { items, position: last };
}

describe('timeline', () => {
  it('tells each moment once, however the clock is read, also over a restart', async () => {
    const first = await tell([1000, 1000, 1007, 1021, 1050]);
    const second = await tell([1080, 1100, 1130], first.position);
    expect([...first.items, ...second.items]).toEqual(between(0, 1000, 1130));
  });

  it('waits where the clock was set back', async () => {
    const { items } = await tell([1000, 1000, 1050, 900, 950, 1060]);
    expect(items).toEqual(between(0, 1000, 1060));
  });

  it('tells its history first, in stretches, and makes up for any pause where it has one', async () => {
    const first = await tell(Array<number>(6).fill(20 * HOUR_MS), undefined, 10 * HOUR_MS);
    expect(first.items).toEqual(hourly(0, 10 * HOUR_MS, 20 * HOUR_MS));
    const second = await tell(Array<number>(4).fill(24 * HOUR_MS), first.position, 10 * HOUR_MS);
    expect(second.items).toEqual(hourly(0, 20 * HOUR_MS, 24 * HOUR_MS));
  });

  it('makes up for no more of a pause than it was told to, in stretches as short as it was told', async () => {
    const lengths: number[] = [];
    const stop = new AbortController();
    const source = timeline({
      name: 'w',
      what: 'a world',
      seed: 0,
      between: (_seed, fromMs, toMs) => [toMs - fromMs],
      everyMs: 0,
      historyMs: 500,
      catchUpMs: 500,
      stretchMs: 200,
      now: () => 10_000,
    });
    for await (const { items } of source.open({ untilMs: 1_000 }, stop.signal)) {
      lengths.push(...items);
      if (lengths.length === 3) stop.abort();
    }
    expect(lengths).toEqual([200, 200, 100]);
  });

  it('leaves out what is older than half a minute after a long pause', async () => {
    const { items } = await tell([100_000, 100_000], { untilMs: 1000 });
    expect(items).toEqual(between(0, 70_000, 100_000));
  });
});
