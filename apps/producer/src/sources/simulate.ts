import { setTimeout as sleep } from 'node:timers/promises';
import type { Source, SourceBatch, SourcePosition } from './source.ts';

/** Items are made no oftener than this, so that a high rate comes in small batches. */
const TICK_MS = 100;

export interface SimulateOptions<Item> {
  /** Of the pipeline; with the seed it names the source. */
  readonly name: string;
  /** What is made, in words: "log lines". */
  readonly what: string;
  readonly perSecond: number;
  readonly seed: number;
  /** Item number `index`, happening at `timeMs`; pure. */
  readonly make: (seed: number, index: number, timeMs: number) => Item;
  readonly now?: () => number;
}

/** Items made at a steady rate, one after the other over all runs: number `n` comes once, and is the same for the same seed. */
export function simulate<Item>(options: SimulateOptions<Item>): Source<Item> {
  const { name, what, perSecond, seed } = options;
  return {
    name: `simulate:${name}:${seed}`,
    description: `simulating ${perSecond} ${what} a second (seed ${seed})`,
    open: (position, signal) => generate(options, position, signal),
  };
}

async function* generate<Item>(
  { perSecond, seed, make, now = Date.now }: SimulateOptions<Item>,
  position: SourcePosition | undefined,
  signal: AbortSignal,
): AsyncIterable<SourceBatch<Item>> {
  let index = Number(position?.index ?? 0);
  let lastMs = now();
  let owed = 1; // the first item comes at once
  while (!signal.aborted) {
    const due = Math.floor(owed);
    if (due > 0) {
      const first = index;
      const items = Array.from({ length: due }, (_, n) => make(seed, first + n, now()));
      index += due;
      owed -= due;
      yield { items, position: { index } };
    }
    await sleep(Math.max(TICK_MS, Math.min(1000 / perSecond, 1000)), undefined, { signal }).catch(
      () => undefined,
    );
    const nowMs = now();
    owed = Math.min(owed + ((nowMs - lastMs) / 1000) * perSecond, perSecond + 1); // no flood after a pause
    lastMs = nowMs;
  }
}
