/** Pauses that double up to a limit, each drawn from the upper half of its range so that many clients do not return at once. */
export class Backoff {
  #nextMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;

  constructor({
    firstMs,
    maxMs,
    random = Math.random,
  }: {
    firstMs: number;
    maxMs: number;
    random?: () => number;
  }) {
    this.#nextMs = firstMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  nextMs(): number {
    const pauseMs = Math.round(this.#nextMs * (0.5 + this.#random() / 2));
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs);
    return pauseMs;
  }
}
