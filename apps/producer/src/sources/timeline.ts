import { setTimeout as sleep } from 'node:timers/promises';
import type { Source, SourceBatch, SourcePosition } from './source.ts';

/** How often the next stretch of time is told. */
const EVERY_MS = 1000;
/** A stretch missed by a restart is told afterwards up to this length; what is older would be late, and is left out. */
const MAX_CATCH_UP_MS = 30_000;
/** History is told in stretches, so that a transaction stays short: of few things in an hour, this long. */
const MAX_STRETCH_MS = 6 * 3_600_000;

export interface TimelineOptions<Item> {
  /** Of the pipeline; with the seed it names the source. */
  readonly name: string;
  /** What is told, in words: "shoppers". */
  readonly what: string;
  readonly seed: number;
  /** What happens in `[fromMs, toMs)`, in the order of its arrival; pure, and the same however time is cut. */
  readonly between: (seed: number, fromMs: number, toMs: number) => readonly Item[];
  readonly everyMs?: number;
  /** Told of the time before the first start, and made up for after any pause; by default next to nothing. */
  readonly historyMs?: number;
  /** How much of a pause is made up for; by default all where there is history, else half a minute. */
  readonly catchUpMs?: number;
  /** The longest stretch that is told at once; by default six hours. */
  readonly stretchMs?: number;
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
  {
    seed,
    between,
    everyMs = EVERY_MS,
    historyMs,
    catchUpMs = historyMs === undefined ? MAX_CATCH_UP_MS : Infinity,
    stretchMs = MAX_STRETCH_MS,
    now = Date.now,
  }: TimelineOptions<Item>,
  position: SourcePosition | undefined,
  signal: AbortSignal,
): AsyncIterable<SourceBatch<Item>> {
  const beganMs = Number(position?.untilMs ?? now() - (historyMs ?? everyMs));
  let fromMs = Math.max(beganMs, now() - catchUpMs);
  while (!signal.aborted) {
    const nowMs = now();
    const toMs = Math.min(nowMs, fromMs + stretchMs);
    const items = toMs > fromMs ? between(seed, fromMs, toMs) : []; // the clock may have been set back
    fromMs = Math.max(fromMs, toMs);
    if (items.length > 0) yield { items, position: { untilMs: fromMs } };
    if (toMs < nowMs) continue;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
