/** Times that share a group: wide enough for the usual windows, narrow enough that a group of one's windows stays small. */
const GROUP_MS = 2 ** 20;

/**
 * A Map from times to values, kept in groups of neighbouring times. A Map of a million entries is copied whole, at once, when
 * it shrinks to a quarter; a group's Map is small.
 */
export class TimeMap<T> {
  readonly #groups = new Map<number, Map<number, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(time: number): T | undefined {
    return this.#groups.get(groupOf(time))?.get(time);
  }

  set(time: number, value: T): void {
    const name = groupOf(time);
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new Map()));
    const before = group.size;
    group.set(time, value);
    this.#size += group.size - before;
  }

  delete(time: number): void {
    const name = groupOf(time);
    const group = this.#groups.get(name);
    if (group === undefined || !group.delete(time)) return;
    this.#size--;
    if (group.size === 0) this.#groups.delete(name);
  }

  *keys(): IterableIterator<number> {
    for (const group of this.#groups.values()) yield* group.keys();
  }

  *values(): IterableIterator<T> {
    for (const group of this.#groups.values()) yield* group.values();
  }
}

/** Infinite times, of windows without bounds, are groups of their own. */
function groupOf(time: number): number {
  return Math.floor(time / GROUP_MS);
}
