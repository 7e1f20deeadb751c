import { describe, expect, it } from '@jest/globals';
import { cachedText, MOST_TEXTS, textCache } from './text-cache.ts';

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
  it('gives the very string that it gave before', () => {
    const cache = textCache();
    const source = bytes('home user-1 user-2');
    const first = cachedText(cache, source, 5, 11);
    cachedText(cache, source, 12, 18);
    expect(cachedText(cache, source, 5, 11)).toBe(first);
    expect(cache.texts).toEqual(['', 'user-1', 'user-2']);
    expect(cache.hits).toBe(1);
  });

  it('grows for a column of some thousand texts, keeps them apart and each but once', () => {
    const cache = textCache();
    expect(isFaithful(200_000, (n) => `user-${(n * 7919) % 5_000}`, cache)).toBe(true);
    expect(cache.texts.length).toBe(5_001);
    expect(cache.hits).toBeGreaterThan(194_900);
  });

  it('keeps texts apart that have the same hash', () => {
    // In a hash of 31 times the one before, "Aa" and "BB" are the same.
    const cache = textCache();
    const texts = ['AaAa', 'BBBB', 'AaBB', 'BBAa'];
    expect(isFaithful(1_000, (n) => texts[n % texts.length]!, cache)).toBe(true);
    expect(cache.texts).toEqual(['', ...texts]);
  });

  it('gives texts back that were chosen to have one hash, and does not look through all of them', () => {
    const cache = textCache();
    // Ten letters of two kinds, each pair of which adds the same to the hash: 1,024 texts.
    const text = (n: number) =>
      Array.from({ length: 10 }, (_, bit) => ((n >> bit) & 1 ? 'Aa' : 'BB')).join('');
    expect(isFaithful(4_096, (n) => text(n % 1_024), cache)).toBe(true);
    expect(cache.texts.length).toBeLessThan(100);
  });

  it('stays small for a column of few', () => {
    const cache = textCache();
    const before = cache.slots.length;
    expect(isFaithful(50_000, (n) => `/page/${n % 50}`, cache)).toBe(true);
    expect(cache.slots.length).toBe(before);
  });

  it('forgets old texts once there are too many, of a column whose texts come often and then no more', () => {
    const cache = textCache();
    const perText = 8;
    expect(isFaithful(3 * MOST_TEXTS * perText, (n) => `day-${Math.floor(n / perText)}`, cache)).toBe(true);
    expect(cache.off).toBe(false);
    expect(cache.texts.length).toBeLessThanOrEqual(MOST_TEXTS + 1);
  });

  it('switches itself off, and gives its memory back, where nothing repeats itself', () => {
    const cache = textCache();
    expect(isFaithful(200_000, (n) => `request-${n}`, cache)).toBe(true);
    expect(cache.off).toBe(true);
    expect(cache.bytes.length + cache.slots.length).toBe(0);
  });
});
