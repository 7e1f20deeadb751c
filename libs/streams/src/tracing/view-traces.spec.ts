import { describe, expect, it } from '@jest/globals';
import { partitionOfKey } from '../tasks/group-key.ts';
import { traceContext } from './trace-context.ts';
import { ViewTraces } from './view-traces.ts';
import { stretchOf } from './window-stretch.ts';

const context = (n: number, flags = '01') =>
  traceContext(`00-${String(n).padStart(32, 'a')}-b7ad6b7169203331-${flags}`, undefined)!;

describe('ViewTraces', () => {
  it('gives the context of the last sampled event of the window', () => {
    const traces = new ViewTraces();
    traces.note('a', 10, context(1));
    traces.note('a', 5, context(2));
    traces.note('a', 7, context(3, '00'));
    traces.note('a', 20, context(4));
    traces.note('b', 6, context(5));
    expect(traces.find('a', 0, 20)).toEqual(context(2));
    expect(traces.find('a', 20, 40)).toEqual(context(4));
    expect(traces.find('a', null, null)).toEqual(context(4));
    expect(traces.find('a', 40, 60)).toBeUndefined();
    expect(traces.find('c', 0, 20)).toBeUndefined();
  });

  it('counts an event at the end of a window in where the window does', () => {
    const traces = new ViewTraces({ isClosed: true });
    traces.note('a', 20, context(1));
    expect(traces.find('a', 0, 20)).toEqual(context(1));
  });

  it.each([
    { window: { type: 'tumbling', sizeMs: 100 }, windows: [0] },
    { window: { type: 'tumbling', sizeMs: 100, offsetMs: 30 }, windows: [-70, 30] },
    { window: { type: 'hopping', sizeMs: 100, advanceMs: 40 }, windows: [-80, 0, 40] },
    { window: { type: 'cumulative', maxSizeMs: 200, stepMs: 50 }, windows: [0] },
  ] as const)(
    'keeps a trace of each window of $window however many events there are',
    ({ window, windows }) => {
      const [sent, kept] = [true, false].map(
        (isSent) => new ViewTraces({ isSent, stretch: stretchOf(window) }),
      ) as [ViewTraces, ViewTraces];
      for (let n = 0; n < 150; n++) sent.note('a', n, context(n));
      const [header] = sent.take(0, 1)!;
      kept.receive({ header: () => header!.value as Buffer });
      for (const start of windows) expect(kept.find('a', start, start + 100)).toEqual(context(start + 99));
    },
  );

  it('keeps a bounded number of keys, the latest', () => {
    const traces = new ViewTraces();
    for (let n = 0; n <= 10_000; n++) traces.note(`k${n}`, 0, context(n));
    expect(traces.find('k0', 0, 1)).toBeUndefined();
    expect(traces.find('k1', 0, 1)).toEqual(context(1));
    expect(traces.find('k10000', 0, 1)).toEqual(context(10_000));
  });

  it('sends each trace once, to the partition of its key', () => {
    const sent = new ViewTraces({ isSent: true });
    const kept = [new ViewTraces(), new ViewTraces()];
    const keys = ['a', 'b', 'c', 'd', 'e'];
    keys.forEach((key, n) => sent.note(key, n, context(n)));
    kept.forEach((traces, partition) => {
      const [header] = sent.take(partition, 2) ?? [];
      if (header !== undefined)
        traces.receive({ header: (name) => (name === header.name ? (header.value as Buffer) : undefined) });
      expect(sent.take(partition, 2)).toBeUndefined();
    });
    keys.forEach((key, n) => {
      expect(kept[partitionOfKey(key, 2)]!.find(key, 0, 10)).toEqual(context(n));
      expect(kept[1 - partitionOfKey(key, 2)]!.find(key, 0, 10)).toBeUndefined();
    });
  });
});
