import type { Placed } from './event-sender.ts';

/** Ids that are remembered: 200 bytes each in memory. */
export const MAX_SEEN_IDS = 100_000;

/** Where the events of the latest ids went, or are going: who sends one again gets the same answer, and it is not written again. */
export class SeenIds {
  readonly #places = new Map<string, Promise<Placed>>();
  readonly #max: number;

  constructor(max = MAX_SEEN_IDS) {
    this.#max = max;
  }

  get(topic: string, id: string): Promise<Placed> | undefined {
    return this.#places.get(`${topic} ${id}`);
  }

  /** Forgotten again where `place` fails: the event may be sent again. */
  set(topic: string, id: string, place: Promise<Placed>): void {
    const name = `${topic} ${id}`;
    this.#places.set(name, place);
    place.catch(() => this.#places.delete(name));
    if (this.#places.size > this.#max) {
      const [oldest = ''] = this.#places.keys();
      this.#places.delete(oldest);
    }
  }
}
