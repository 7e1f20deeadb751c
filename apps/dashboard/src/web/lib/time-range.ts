import type { FindingsPanel } from '@millrace/views';

/** The ranges that a page can show. */
export const RANGES = [
  { label: '5 min', rangeMs: 300_000 },
  { label: '15 min', rangeMs: 900_000 },
  { label: '1 h', rangeMs: 3_600_000 },
  { label: '6 h', rangeMs: 21_600_000 },
  { label: '24 h', rangeMs: 86_400_000 },
  { label: '7 d', rangeMs: 604_800_000 },
  { label: '30 d', rangeMs: 2_592_000_000 },
] as const;

/** What a page begins with: enough to see what is going on now. */
const DEFAULT_RANGE_MS = 900_000;
/** Fewer windows than this side by side show no course. */
const MIN_WINDOWS = 7;

/** The range that a page begins with: the shortest that shows windows of `windowMs` as a course, and at least a quarter of an hour. */
export function defaultRangeMs(windowMs: number): number {
  const enough = RANGES.find(
    ({ rangeMs }) => rangeMs >= DEFAULT_RANGE_MS && rangeMs >= MIN_WINDOWS * windowMs,
  );
  return (enough ?? RANGES[RANGES.length - 1]!).rangeMs;
}

/** The length of time that a view is shown over: the page's range, or more where that would be too few of its windows. */
export function shownMs(rangeMs: number, windowMs: number): number {
  return Math.max(rangeMs, MIN_WINDOWS * windowMs);
}

const DAY_MS = 86_400_000;

/** The length of time that findings are shown over: one of this morning is not done with because the page shows a quarter of an hour. */
export function findingsShownMs({ overMs = DAY_MS }: FindingsPanel, rangeMs: number): number {
  return Math.max(rangeMs, overMs);
}

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
