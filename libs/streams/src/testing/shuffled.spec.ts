import { describe, expect, it } from '@jest/globals';
import {
  calendar,
  count,
  cumulative,
  first,
  hopping,
  last,
  max,
  session,
  sliding,
  sum,
  tumbling,
} from '@millrace/windowing';
import type { Window } from '@millrace/windowing';
import { definePipeline } from '../definition/define-pipeline.ts';
import { testPipeline } from './test-pipeline.ts';

const schema = {
  type: 'record',
  name: 'Click',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'page', type: 'string' },
    { name: 'n', type: 'long' },
  ],
} as const;

const outOfOrderMs = 400;
const seeds = 1_000;
const events = 40;
const hourMs = 3_600_000;

/** Calendar days are long: time goes by in hours there. */
const windows: [string, Window, number][] = [
  ['tumbling', tumbling({ sizeMs: 1_000 }), 1],
  ['hopping', hopping({ sizeMs: 1_000, advanceMs: 300 }), 1],
  ['cumulative', cumulative({ maxSizeMs: 2_000, stepMs: 500 }), 1],
  ['sliding', sliding({ sizeMs: 700 }), 1],
  ['session', session({ gapMs: 150 }), 1],
  ['calendar', calendar({ unit: 'day', timeZone: 'Europe/Berlin' }), hourMs / 500],
];

const pipelineOf = (window: Window, scale: number) =>
  definePipeline({
    name: 'clicks',
    sources: {
      clicks: { topic: 'clicks', schema, outOfOrderMs: outOfOrderMs * scale, partitionedBy: ['page'] },
    },
    views: {
      pages: {
        from: 'clicks',
        by: ['page'],
        window,
        select: { clicks: count(), sum: sum('n'), most: max('n'), first: first('n'), last: last('n') },
      },
    },
  });

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('events that arrive out of order, each within outOfOrderMs (trial 14)', () => {
  it.each(windows)('give the results of the ordered run: %s windows, 1,000 seeds', (_name, window, scale) => {
    const pipeline = pipelineOf(window, scale);
    const runner = () => {
      const driver = testPipeline(pipeline);
      return (rows: readonly Record<string, unknown>[], endMs: number) => {
        driver.pipeAll('clicks', rows);
        driver.advanceWatermark('clicks', endMs);
        expect(driver.late()).toEqual([]);
        return driver
          .rows('pages')
          .map(({ watermark: _watermark, ...row }) => JSON.stringify(row))
          .sort();
      };
    };
    const [runOrdered, runShuffled] = [runner(), runner()];
    // Each seed has a stretch of time of its own; no window reaches from one into the next.
    const stretchMs = 1_000 * events * scale;
    for (let seed = 1; seed <= seeds; seed++) {
      const next = random(seed);
      // Times are all different, so that `first` and `last` are.
      const ordered = Array.from({ length: events }, (_, n) => ({
        time: Math.floor(seed * stretchMs + (n * 100 + next() * 99) * scale),
        page: `/${Math.floor(next() * 3)}`,
        n,
      }));
      const shuffled = ordered
        .map((row) => ({ row, arrival: row.time + next() * outOfOrderMs * scale }))
        .sort((a, b) => a.arrival - b.arrival)
        .map(({ row }) => row);
      const endMs = (seed + 1) * stretchMs - 5_000 * scale;
      const [expected, found] = [runOrdered(ordered, endMs), runShuffled(shuffled, endMs)];
      expect(found.length).toBeGreaterThan(0);
      if (found.join() !== expected.join()) expect({ seed, found }).toEqual({ seed, found: expected });
    }
  });
});
