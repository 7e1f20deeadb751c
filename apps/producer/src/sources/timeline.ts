import { setTimeout as sleep } from 'node:timers/promises';
import type { Source, SourceBatch, SourcePosition } from './source.ts';

/** How often the next stretch of time is told. */
const EVERY_MS = 1000;
/** A stretch missed by a restart is told afterwards up to this length; what is older would be late, and is left out. */
const MAX_CATCH_UP_MS = 30_000;

export interface TimelineOptions<Item> {
  /** Of the pipeline; with the seed it names the source. */
  readonly name: string;
  /** What is told, in words: "shoppers". */
  readonly what: string;
  readonly seed: number;
  /** What happens in `[fromMs, toMs)`, in the order of its arrival; pure, and the same however time is cut. */
  readonly between: (seed: number, fromMs: number, toMs: number) => readonly Item[];
  readonly everyMs?: number;
  readonly now?: () => number;
}

/** A simulated world that goes on with the clock: for lives that overlap, such as sessions. Each moment is told once over all runs. */
export function timeline<Item>(options: TimelineOptions<Item>): Source<Item> {
  const { name, what, seed } = options;
  return {
    name: `timeline:${name}:${seed}`,
    description: `simulating ${what} (seed ${seed})`,
    open: (position, signal) => tell(options, position, signal),
  };
}

async function* tell<Item>(
  { seed, between, everyMs = EVERY_MS, now = Date.now }: TimelineOptions<Item>,
  position: SourcePosition | undefined,
  signal: AbortSignal,
): AsyncIterable<SourceBatch<Item>> {
  let fromMs = Math.max(Number(position?.untilMs ?? now() - everyMs), now() - MAX_CATCH_UP_MS);
  while (!signal.aborted) {
    const toMs = now();
    const items = toMs > fromMs ? between(seed, fromMs, toMs) : []; // the clock may have been set back
    fromMs = Math.max(fromMs, toMs);
    if (items.length > 0) yield { items, position: { untilMs: fromMs } };
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
