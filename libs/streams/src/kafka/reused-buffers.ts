/** What is kept for the next answers: two of the largest that are asked for. */
const maxSpareBytes = 64 * 1024 * 1024;
/** An answer without records is a few hundred bytes; sizes are powers of two from here on. */
const leastBytes = 64 * 1024;

/**
 * Memory that is used again. New memory for each answer of a broker, outside of V8's heap, makes it collect garbage in full again
 * and again.
 */
export class ReusedBuffers {
  readonly #spare: Buffer[] = [];
  #spareBytes = 0;

  /** At least so many bytes, with anything in them. */
  take(sizeBytes: number): Buffer {
    let best = -1;
    for (let at = 0; at < this.#spare.length; at++) {
      const { length } = this.#spare[at]!;
      if (length >= sizeBytes && (best < 0 || length < this.#spare[best]!.length)) best = at;
    }
    if (best < 0) return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(Math.max(sizeBytes, leastBytes))));
    const [taken] = this.#spare.splice(best, 1);
    this.#spareBytes -= taken!.length;
    return taken!;
  }

  /** Gives back what `take` gave; nobody may read it any more. */
  give(buffer: Buffer): void {
    this.#spare.push(buffer);
    this.#spareBytes += buffer.length;
    // The oldest go first: sizes that nobody asks for any more.
    while (this.#spareBytes > maxSpareBytes) this.#spareBytes -= this.#spare.shift()!.length;
  }
}
