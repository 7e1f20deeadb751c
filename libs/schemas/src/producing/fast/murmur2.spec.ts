import { murmur2 as reference } from '@platformatic/kafka';
import { describe, expect, it } from '@jest/globals';
import { murmur2, partitionOf } from './murmur2.ts';

describe('murmur2', () => {
  // From the tests of Apache Kafka's own Utils.
  it.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('of %j is what Kafka’s is', (text, expected) => {
    const bytes = Buffer.from(`xx${text}x`);
    expect(murmur2(bytes, 2, bytes.length - 1)).toBe(expected);
  });

  it('agrees with another implementation for every byte and length', () => {
    for (let length = 0; length < 40; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 37 + length * 101) & 255));
      expect(murmur2(bytes, 0, length)).toBe(reference(bytes));
      expect(partitionOf(bytes, 0, length, 7)).toBe((reference(bytes) & 0x7fffffff) % 7);
    }
  });
});
