/** Longer values say no more about what is wrong with them. */
const maxShown = 60;
/** A definition nested deeper than this is a mistake or an attack: whoever looks into it goes down by recursion. */
const maxDepth = 500;

/** A value as a message shows it. */
export const shown = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value).slice(0, maxShown) : shownScalar(value);

const shownScalar = (value: unknown): string =>
  typeof value === 'function'
    ? 'a function'
    : typeof value === 'string'
      ? JSON.stringify(value.slice(0, maxShown))
      : String(value);

/** The place of a value that JSON cannot hold, and what it is; undefined when all is plain data. */
export function notPlainData(
  value: unknown,
  path: readonly string[] = [],
  around: readonly unknown[] = [],
): [path: string, problem: string] | undefined {
  const place = path.join('.') || 'definition';
  if (typeof value === 'number' && !Number.isFinite(value))
    return [place, `is ${value}, which JSON has no number for: write a finite one, or leave it out`];
  if (['function', 'symbol', 'bigint'].includes(typeof value))
    return [place, `is ${named(value)}, which is not data: name a field, or write text, numbers and objects`];
  if (typeof value !== 'object' || value === null) return undefined;
  if (around.includes(value)) return [place, 'lies within itself: write out what it shall have'];
  if (path.length > maxDepth) return ['definition', `is nested deeper than ${maxDepth} levels`];
  const kind = Object.prototype.toString.call(value);
  if (kind !== '[object Object]' && kind !== '[object Array]')
    return [place, `is a ${kind.slice(8, -1)}, which is not data: write text, numbers, lists and objects`];
  for (const [name, inner] of Object.entries(value)) {
    const found = notPlainData(inner, [...path, name], [...around, value]);
    if (found !== undefined) return found;
  }
  return undefined;
}

const named = (value: unknown): string =>
  typeof value === 'function' ? 'a function' : `the ${typeof value} ${String(value)}`;
