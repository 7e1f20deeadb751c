/** What an open key costs, and that closed windows give it back. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { count, createOperator, session, tumbling } from './index.ts';
import type { Window } from './index.ts';

const KEYS = 200_000;
/** Its name (about 32 bytes), its entry in the table of names, its number, its cell. */
const BYTES_PER_KEY = 200;

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // The memory of typed arrays is swept in the background of the collection after the one that finds them dead.
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function costs(window: Window<null>): { open: number; closed: number } {
  for (let i = 0; i < KEYS; i++) void `customer-${i}`.length;
  const before = usedBytes();
  let results = 0;
  const operator = createOperator<null>(
    { window, aggregates: { n: count() } },
    { onResult: () => void results++ },
  );
  for (let i = 0; i < KEYS; i++) operator.add(`customer-${i}`, 0, null);
  const open = (usedBytes() - before) / KEYS;
  expect(operator.keyCount).toBe(KEYS);
  operator.advanceWatermark(1_000_000);
  expect([results, operator.windowCount]).toEqual([KEYS, 0]);
  const closed = (usedBytes() - before) / KEYS;
  expect(operator.watermark).toBe(1_000_000);
  return { open, closed };
}

describe('memory', () => {
  it('of an open key is what the README says, and none is left when its window is gone', () => {
    const { open, closed } = costs(tumbling({ sizeMs: 1000 }));
    expect(open).toBeLessThan(BYTES_PER_KEY);
    expect(closed).toBeLessThan(BYTES_PER_KEY / 10);
  });

  it('of an open session is not much more, and none is left when it is gone', () => {
    const { open, closed } = costs(session({ gapMs: 1000 }));
    expect(open).toBeLessThan(BYTES_PER_KEY + 100);
    expect(closed).toBeLessThan(BYTES_PER_KEY / 10);
  });
});
