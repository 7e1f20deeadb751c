import { describe, expect, it } from '@jest/globals';
import { KeyFilter } from './key-filter.ts';

/** Different numbers in no order. */
const numberAt = (n: number) => Math.imul(n + 1, 0x9e37_79b1) >>> 0;

describe('a filter of numbers', () => {
  it('knows all that were added, and nearly all that were not, while it grows', () => {
    const filter = new KeyFilter();
    const count = 100_000;
    for (let n = 0; n < count; n++) filter.add(numberAt(n));
    for (let n = 0; n < count; n++) expect(filter.has(numberAt(n))).toBe(true);
    let wrong = 0;
    for (let n = count; n < 2 * count; n++) if (filter.has(numberAt(n))) wrong++;
    expect(wrong / count).toBeLessThan(0.08);
    expect(filter.memoryBytes / count).toBeLessThan(4);
  });

  it('has nothing at first', () => {
    const filter = new KeyFilter();
    expect(filter.has(0)).toBe(false);
    expect(filter.memoryBytes).toBe(0);
  });
});
