import { describe, expect, it } from '@jest/globals';
import { RateLimit } from './rate-limit.ts';

describe('RateLimit', () => {
  it('allows ten seconds at once, then the rate, and says how long to wait', () => {
    let nowMs = 0;
    const limit = new RateLimit(5, () => nowMs);
    expect(limit.take('a', 50)).toBe(0);
    expect(limit.take('a', 1)).toBe(200);
    expect(limit.take('b', 1)).toBe(0);
    nowMs = 200;
    expect(limit.take('a', 1)).toBe(0);
    expect(limit.take('a', 1)).toBe(200);
  });

  it('takes a request larger than the allowance when all of it is there, and then waits longer', () => {
    let nowMs = 0;
    const limit = new RateLimit(1, () => nowMs);
    expect(limit.take('a', 20)).toBe(0);
    expect(limit.take('a', 1)).toBe(11_000);
    nowMs = 11_000;
    expect(limit.take('a', 1)).toBe(0);
  });
});
