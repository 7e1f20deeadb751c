import { setTimeout as sleep } from 'node:timers/promises';

const GIVE_UP_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** What `look` gives as soon as it is not undefined; errors count as not yet. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  let last: unknown;
  while (performance.now() < giveUpAt) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`waited for: ${what}`, { cause: last });
}
