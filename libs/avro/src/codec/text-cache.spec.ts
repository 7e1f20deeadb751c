import { describe, expect, it } from '@jest/globals';
import { cachedText, textCache } from './text-cache.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Looks up `text(n)` for all n below `count`, and says whether each came back as it was. */
function isFaithful(count: number, text: (n: number) => string, cache = textCache()): boolean {
  for (let n = 0; n < count; n++) {
    const source = bytes(text(n));
    if (cachedText(cache, source, 0, source.length) !== text(n)) return false;
  }
  return true;
}

describe('cachedText', () => {
  it('grows for a column of some thousand texts, and keeps them apart', () => {
    const cache = textCache();
    expect(isFaithful(200_000, (n) => `user-${(n * 7919) % 5_000}`, cache)).toBe(true);
    expect(cache.slots).toBeGreaterThan(5_000);
    expect(cache.off).toBe(false);
  });

  it('stays small for a column of few', () => {
    const cache = textCache();
    expect(isFaithful(50_000, (n) => `/page/${n % 50}`, cache)).toBe(true);
    expect(cache.slots).toBe(1_024);
  });

  it('switches itself off, and gives its memory back, where nothing repeats itself', () => {
    const cache = textCache();
    expect(isFaithful(200_000, (n) => `request-${n}`, cache)).toBe(true);
    expect(cache.off).toBe(true);
    expect(cache.bytes.length).toBe(0);
  });
});
