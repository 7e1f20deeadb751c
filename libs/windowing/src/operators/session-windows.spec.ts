import { describe, expect, it } from '@jest/globals';
import { count } from '../aggregates/count.ts';
import { session } from '../windows/window.ts';
import { createOperator } from './create-operator.ts';

const many = Array.from({ length: 5_000 }, (_, at) => `k${at}`);

/** The keys of the sessions that come when many keys are unused, and some come again just when they are to be dropped. */
function keysOfSessions(back: readonly string[]): unknown[] {
  const keys: unknown[] = [];
  const operator = createOperator(
    { window: session({ gapMs: 10 }), aggregates: { n: count() }, trackChanges: true },
    { onResult: ({ key }) => keys.push(key) },
  );
  const pass = (timeMs: number) => {
    operator.advanceWatermark(timeMs);
    operator.drainChanges(() => undefined);
  };
  for (const key of many) operator.add(key, 0, {});
  pass(50);
  // Quiet times, in which the many keys stop being worth keeping.
  for (const timeMs of [100, 200, 300, 400]) {
    operator.add('other', timeMs, {});
    pass(timeMs + 50);
  }
  keys.length = 0;
  for (const key of back) operator.add(key, 500, {});
  pass(550);
  return keys;
}

describe('session windows', () => {
  it('know the key of a session that opens when its key was about to be dropped', () => {
    // Two keys are dropped for each session that opens, the last ones first: one of these rows meets them.
    for (let first = many.length - 20; first < many.length; first++) {
      const back = Array.from({ length: 100 }, (_, at) => many[first - 2 * at]!);
      expect(keysOfSessions(back).toSorted()).toEqual(back.toSorted());
    }
  });
});
