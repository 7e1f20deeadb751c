import { describe, expect, it } from '@jest/globals';
import { Backoff } from './backoff.ts';

describe('Backoff', () => {
  it('doubles up to its limit', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 500, random: () => 1 });
    expect([1, 2, 3, 4, 5].map(() => backoff.nextMs())).toEqual([100, 200, 400, 500, 500]);
  });

  it('draws each pause from the upper half of its range', () => {
    expect(new Backoff({ firstMs: 100, maxMs: 500, random: () => 0 }).nextMs()).toBe(50);
  });
});
