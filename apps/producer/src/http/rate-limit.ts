/** Clients whose allowance is remembered; the one heard of longest ago is forgotten, which gives it a full one. */
const MAX_CLIENTS = 10_000;
/** How many seconds' worth a client may send at once. */
const BURST_S = 10;

interface Bucket {
  left: number;
  atMs: number;
}

/** How many events each client may send: a steady rate, and ten seconds' worth at once. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number, now: () => number = performance.now.bind(performance)) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** 0 where the client may send `events` now; otherwise in how many milliseconds, and nothing is taken from its allowance. */
  take(client: string, events: number): number {
    const nowMs = this.#now();
    const most = this.#perSecond * BURST_S;
    const bucket = this.#buckets.get(client) ?? { left: most, atMs: nowMs };
    bucket.left = Math.min(most, bucket.left + ((nowMs - bucket.atMs) / 1000) * this.#perSecond);
    bucket.atMs = nowMs;
    this.#buckets.delete(client); // to the end
    this.#buckets.set(client, bucket);
    if (this.#buckets.size > MAX_CLIENTS) {
      const [oldest = ''] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    const needed = Math.min(events, most); // more than fits takes all there is
    if (bucket.left < needed) return ((needed - bucket.left) / this.#perSecond) * 1000;
    bucket.left -= events;
    return 0;
  }
}
