import { describe, expect, it } from '@jest/globals';
import { seededRandom } from './random.ts';

const draw = <T>(count: number, one: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => one(index));

describe('seededRandom', () => {
  it('gives the same numbers for the same seed and index, and others for a neighbour', () => {
    const first = (seed: number, index: number) =>
      draw(5, () => 0).map(
        (
          (r) => () =>
            r.next()
        )(seededRandom(seed, index)),
      );
    expect(first(7, 3)).toEqual(first(7, 3));
    expect(first(7, 3)).not.toEqual(first(7, 4));
    expect(first(7, 3)).not.toEqual(first(8, 3));
  });

  it('draws first numbers of neighbouring indexes that are spread evenly', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index++) tenths[Math.floor(seededRandom(1, index).next() * 10)]!++;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('draws Zipf ranks in proportion to 1 / rank', () => {
    const random = seededRandom(1);
    const counts = new Array<number>(4).fill(0);
    for (let n = 0; n < 20_000; n++) counts[random.zipf(4, 1)]!++;
    expect(counts.map((count) => Math.round((12 * count) / counts[0]!))).toEqual([12, 6, 4, 3]);
  });

  it('draws a log-normal value whose median is the one asked for', () => {
    const random = seededRandom(5);
    const values = draw(9999, () => random.logNormal(80, 0.5)).sort((a, b) => a - b);
    expect(values[4999]).toBeGreaterThan(76);
    expect(values[4999]).toBeLessThan(84);
  });
});
