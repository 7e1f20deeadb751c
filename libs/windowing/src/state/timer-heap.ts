import { growFloat64, growInt32 } from './grow.ts';

/** A priority queue of (due time, number) pairs in two typed arrays: the earliest first. */
export class TimerHeap {
  #due: Float64Array = new Float64Array(64);
  #ids: Int32Array = new Int32Array(64);
  size = 0;

  /** The earliest time, Infinity when empty. */
  get due(): number {
    return this.size === 0 ? Infinity : this.#due[0]!;
  }

  get memoryBytes(): number {
    return this.#due.byteLength + this.#ids.byteLength;
  }

  push(dueMs: number, id: number): void {
    if (this.size === this.#due.length) {
      this.#due = growFloat64(this.#due, this.size * 2);
      this.#ids = growInt32(this.#ids, this.size * 2);
    }
    const due = this.#due;
    const ids = this.#ids;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (due[parent]! <= dueMs) break;
      due[at] = due[parent]!;
      ids[at] = ids[parent]!;
      at = parent;
    }
    due[at] = dueMs;
    ids[at] = id;
  }

  /** Takes the earliest pair and returns its number; read `due` before. Only when not empty. */
  pop(): number {
    const due = this.#due;
    const ids = this.#ids;
    const top = ids[0]!;
    const size = --this.size;
    const lastDue = due[size]!;
    const lastId = ids[size]!;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && due[child + 1]! < due[child]!) child++;
      if (due[child]! >= lastDue) break;
      due[at] = due[child]!;
      ids[at] = ids[child]!;
      at = child;
    }
    due[at] = lastDue;
    ids[at] = lastId;
    if (size === 0 && due.length > 1024) {
      this.#due = new Float64Array(64);
      this.#ids = new Int32Array(64);
    }
    return top;
  }
}
