/** The ranges that a page can show. */
export const RANGES = [
  { label: '5 min', rangeMs: 300_000 },
  { label: '15 min', rangeMs: 900_000 },
  { label: '1 h', rangeMs: 3_600_000 },
  { label: '6 h', rangeMs: 21_600_000 },
  { label: '24 h', rangeMs: 86_400_000 },
] as const;

export const DEFAULT_RANGE_MS = 900_000;

/** The most bars a chart draws side by side: narrower ones could not be told apart. */
const MAX_BARS = 180;

/** What the time axis of every chart of a page shows: `[fromMs, toMs)`. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The range that ends with the window that is filling now. It moves by whole windows only, so that a chart stands still
 * while nothing new begins.
 */
export function rangeAt(nowMs: number, rangeMs: number, windowMs: number): TimeRange {
  const toMs = (Math.floor(nowMs / windowMs) + 1) * windowMs;
  return { fromMs: toMs - rangeMs, toMs };
}

/** How long one bar is: one window, or as many whole windows as keep their number readable. */
export function barMs(rangeMs: number, windowMs: number): number {
  return Math.max(1, Math.ceil(rangeMs / windowMs / MAX_BARS)) * windowMs;
}

/** The last `overMs` in whole windows, ending with the one that is filling now. */
export function lastWindows(nowMs: number, overMs: number, windowMs: number): TimeRange {
  return rangeAt(nowMs, Math.max(1, Math.round(overMs / windowMs)) * windowMs, windowMs);
}
