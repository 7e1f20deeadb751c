import { describe, expect, it } from '@jest/globals';
import { CATEGORY_COLORS, CategoryColors, leftOverColor } from './series-colors.ts';

const names = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `/${from + index}`);

describe('CategoryColors', () => {
  it('keeps a category its colour, in whatever company it is drawn', () => {
    const colors = new CategoryColors();
    const [a, b] = colors.colorsOf(['/a', '/b']);
    expect(colors.colorsOf(['/c', '/b', '/a']).slice(1)).toEqual([b, a]);
  });

  it('never gives two that are drawn together the same one, also when the scale was used up before', () => {
    const colors = new CategoryColors();
    for (let from = 0; from < 30; from += 3) {
      const drawn = colors.colorsOf(names(from, CATEGORY_COLORS));
      expect(new Set(drawn).size).toBe(CATEGORY_COLORS);
      expect(drawn).not.toContain(leftOverColor);
    }
  });

  it('draws what is beyond the scale as left over', () => {
    expect(new CategoryColors().colorsOf(names(0, CATEGORY_COLORS + 2)).slice(-2)).toEqual([
      leftOverColor,
      leftOverColor,
    ]);
  });
});
