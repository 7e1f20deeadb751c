/** Numbers per table at first; each further table takes twice as many as the one before it. */
const firstNumbers = 2 ** 12;
/** With 10 bits and 4 places for each number about one in a hundred that are not there looks as if it were. */
const bitsPerNumber = 10;
const places = 4;

/** Which 32-bit numbers may be in a set: never wrong about those that are. Grows in tables (a Bloom filter each). */
export class KeyFilter {
  readonly #tables: Uint32Array[] = [];
  /** Numbers that the last table has, and may have. */
  #count = 0;
  #room = 0;

  get memoryBytes(): number {
    return this.#tables.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  add(id: number): void {
    if (this.has(id)) return;
    if (this.#count === this.#room) {
      this.#room = this.#tables.length === 0 ? firstNumbers : this.#room * 2;
      this.#count = 0;
      this.#tables.push(new Uint32Array(Math.ceil((this.#room * bitsPerNumber) / 32)));
    }
    this.#count++;
    const table = this.#tables.at(-1)!;
    for (let place = 0; place < places; place++) {
      const bit = bitOf(id, place, table.length * 32);
      table[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  has(id: number): boolean {
    return this.#tables.some((table) => {
      for (let place = 0; place < places; place++) {
        const bit = bitOf(id, place, table.length * 32);
        if ((table[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
      }
      return true;
    });
  }
}

/** The numbers are hashes already; two multipliers make as many of one as are needed. */
function bitOf(id: number, place: number, bits: number): number {
  const mixed = Math.imul(id ^ (id >>> 15), 0x9e37_79b1) + Math.imul(place, Math.imul(id, 0x85eb_ca6b) | 1);
  return Math.floor((((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32) * bits);
}
