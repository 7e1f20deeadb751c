/** A priority queue: the entry with the least `due` first, equal ones in the order they came. */
export class Heap<T> {
  #entries: { due: number; order: number; value: T }[] = [];
  #order = 0;

  /** Whether the first entry is due by now. */
  isDue(now: number): boolean {
    const first = this.#entries[0];
    return first !== undefined && first.due <= now;
  }

  /** Whether the first entry is due before now. */
  isPast(now: number): boolean {
    const first = this.#entries[0];
    return first !== undefined && first.due < now;
  }

  /** The first entry's time, Infinity when empty. */
  get due(): number {
    return this.#entries[0]?.due ?? Infinity;
  }

  get size(): number {
    return this.#entries.length;
  }

  push(due: number, value: T): void {
    const entries = this.#entries;
    const entry = { due, order: this.#order++, value };
    let at = entries.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  /** Takes out the entries of which `takes` says so. */
  withdraw(takes: (value: T, due: number) => boolean): void {
    // What is sorted is a heap.
    const rest = this.#entries.filter(({ value, due }) => !takes(value, due));
    this.#entries = rest.sort((a, b) => (before(a, b) ? -1 : 1));
  }

  pop(): T | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (top === undefined || last === undefined) return undefined;
    if (top === last) return top.value;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && before(entries[child + 1]!, entries[child]!)) child++;
      if (!before(entries[child]!, last)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = last;
    return top.value;
  }
}

type Entry = { due: number; order: number };

const before = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);
