import { growInt32 } from './grow.ts';

/** Numbers (ids of keys) in the order they came, each with its place: a hash table of 32-bit integers without objects. */
export class IdIndex {
  /** `ids[place]` is the id that came `place`-th. */
  ids: Int32Array;
  size = 0;
  #table: Int32Array;
  #mask: number;

  /** `room`: how many ids to expect, a power of two. */
  constructor(room = 8) {
    this.ids = new Int32Array(room);
    this.#table = new Int32Array(room * 2);
    this.#mask = room * 2 - 1;
  }

  get memoryBytes(): number {
    return this.ids.byteLength + this.#table.byteLength;
  }

  /** The id's place, or −1. */
  find(id: number): number {
    const table = this.#table;
    const ids = this.ids;
    let at = Math.imul(id, 0x9e37_79b1) >>> 7;
    for (;;) {
      const entry = table[(at &= this.#mask)]!;
      if (entry === 0) return -1;
      if (ids[entry - 1] === id) return entry - 1;
      at++;
    }
  }

  /** Gives an id that is not there the next place. */
  append(id: number): number {
    const place = this.size++;
    if (place === this.ids.length) {
      this.ids = growInt32(this.ids, place * 2);
      this.#rebuild();
    }
    this.ids[place] = id;
    this.#enter(id, place);
    return place;
  }

  clear(): void {
    this.size = 0;
    this.#table.fill(0);
  }

  #enter(id: number, place: number): void {
    let at = (Math.imul(id, 0x9e37_79b1) >>> 7) & this.#mask;
    while (this.#table[at] !== 0) at = (at + 1) & this.#mask;
    this.#table[at] = place + 1;
  }

  #rebuild(): void {
    this.#table = new Int32Array(this.ids.length * 2);
    this.#mask = this.#table.length - 1;
    for (let place = 0; place < this.size - 1; place++) this.#enter(this.ids[place]!, place);
  }
}
