import type { StateChange } from '../feeds/feed.ts';

/** Users that are remembered; 100 bytes each in memory. */
export const MAX_KNOWN = 200_000;

/** The hash of each user's profile as it was seen last. What is more than `max` is forgotten, the one changed longest ago first. */
export class KnownProfiles {
  readonly #hashes: Map<string, string>;
  readonly #max: number;

  constructor(kept: ReadonlyMap<string, string>, max = MAX_KNOWN) {
    this.#hashes = new Map(kept);
    this.#max = max;
  }

  /** How a profile differs from what was seen before, and what has to be kept for it. */
  see(userId: string, hash: string): { change: 'created' | 'updated' | 'unchanged'; keep: StateChange[] } {
    const before = this.#hashes.get(userId);
    if (before === hash) return { change: 'unchanged', keep: [] };
    this.#hashes.delete(userId); // to the end
    this.#hashes.set(userId, hash);
    const keep: StateChange[] = [{ stateKey: userId, stateValue: hash }];
    if (this.#hashes.size > this.#max) {
      const [oldest = ''] = this.#hashes.keys();
      this.#hashes.delete(oldest);
      keep.push({ stateKey: oldest, stateValue: null });
    }
    return { change: before === undefined ? 'created' : 'updated', keep };
  }
}
