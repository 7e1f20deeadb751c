import { seededRandom } from '../random.ts';
import type { Area } from './shop.ts';

/** A time in which pages of the simulated shop fail: what a detector has to find. */
export interface ErrorBurst {
  readonly fromMs: number;
  readonly toMs: number;
  /** The part of the shop that fails; null: all of it. */
  readonly area: Area | null;
  /** The share of page views that fail. */
  readonly share: number;
}

export interface BurstPlan {
  readonly seed: number;
  /** Bursts of a day, evenly spread but for chance. */
  readonly perDay: number;
}

const DAY_MS = 86_400_000;

/**
 * The bursts of the UTC day that begins at `dayStartMs`: the same for the same seed, each of 3 to 12 minutes, never two within
 * an hour's reach of each other while there are at most 12 a day.
 */
export function errorBursts({ seed, perDay }: BurstPlan, dayStartMs: number): ErrorBurst[] {
  const random = seededRandom(seed, dayStartMs / DAY_MS);
  const slotMs = DAY_MS / perDay;
  return Array.from({ length: perDay }, (_, index) => {
    const lengthMs = Math.round((3 + 9 * random.next()) * 60_000);
    // In the middle of its part of the day.
    const fromMs = dayStartMs + Math.round(slotMs * (index + 0.25 + 0.25 * random.next()));
    const area = random.weighted<Area | null>([
      [2, null],
      [2, 'product'],
      [1, 'category'],
    ]);
    return { fromMs, toMs: fromMs + lengthMs, area, share: 0.4 + 0.5 * random.next() };
  });
}
