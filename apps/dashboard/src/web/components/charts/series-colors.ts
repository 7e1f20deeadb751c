/** Colours of the categorical scale, `--cat-0` … in the style sheet; the last one is for what is left over. */
const CATEGORIES = 8;
const LEFT_OVER = 'var(--cat-rest)';
const given = new Map<string, number>();

/** The colour of a category: the same one wherever it is drawn, as long as the page is open. */
export function categoryColor(name: string, isLeftOver = false): string {
  if (isLeftOver) return LEFT_OVER;
  let index = given.get(name);
  if (index === undefined) {
    index = given.size % CATEGORIES;
    given.set(name, index);
  }
  return `var(--cat-${index})`;
}

/** Colours of fields that are steps of one scale, such as quantiles: light to dark. */
export function stepColor(index: number, count: number): string {
  if (count <= 1) return 'var(--accent)';
  return `var(--seq-${Math.round((index / (count - 1)) * 2)})`;
}
