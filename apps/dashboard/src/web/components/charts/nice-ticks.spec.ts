import { describe, expect, it } from '@jest/globals';
import { niceTicks } from './nice-ticks.ts';

describe('niceTicks', () => {
  it.each([
    [1, [0, 0.25, 0.5, 0.75, 1]],
    [3, [0, 1, 2, 3]],
    [45, [0, 20, 40, 60]],
    [0.195, [0, 0.05, 0.1, 0.15, 0.2]],
    [0.3, [0, 0.1, 0.2, 0.3]],
    [208_000, [0, 100_000, 200_000, 300_000]],
    [0, [0, 1]],
    [NaN, [0, 1]],
  ])('goes up to %d', (max, ticks) => {
    expect(niceTicks(max)).toEqual(ticks);
  });
});
