/** Colours of the categorical scale, `--cat-0` … in the style sheet; beyond it is the colour of what is left over. */
export const CATEGORY_COLORS = 8;
const LEFT_OVER = 'var(--cat-rest)';

/**
 * Hands out colours so that a category keeps its own wherever it is drawn, as long as the page is open, and no two that
 * are drawn together share one: a newcomer takes a colour that nobody has, or that of a category drawn elsewhere.
 */
export class CategoryColors {
  readonly #given = new Map<string, number>();

  /** The colours of `names`, drawn together; those beyond the scale get the colour of what is left over. */
  colorsOf(names: readonly string[]): string[] {
    const taken = new Map<number, string>();
    for (const name of names) {
      const color = this.#given.get(name);
      if (color !== undefined && !taken.has(color)) taken.set(color, name);
    }
    const used = new Set(this.#given.values());
    const all = Array.from({ length: CATEGORY_COLORS }, (_, color) => color);
    return names.map((name) => {
      const own = this.#given.get(name);
      if (own !== undefined && taken.get(own) === name) return `var(--cat-${own})`;
      const free = all.find((color) => !used.has(color)) ?? all.find((color) => !taken.has(color));
      if (free === undefined) return LEFT_OVER;
      this.#given.set(name, free);
      used.add(free);
      taken.set(free, name);
      return `var(--cat-${free})`;
    });
  }
}

/** The colours of this page. */
export const categoryColors = new CategoryColors();

/** The colour of what is left over beside the largest categories. */
export const leftOverColor = LEFT_OVER;

/** Colours of fields that are steps of one scale, such as quantiles: light to dark. */
export function stepColor(index: number, count: number): string {
  if (count <= 1) return 'var(--accent)';
  return `var(--seq-${Math.round((index / (count - 1)) * 2)})`;
}
