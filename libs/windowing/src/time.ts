/** The greatest time, in epoch milliseconds, that a `Date` can hold; times beyond ±this are no times. */
export const MAX_TIME_MS = 8.64e15;

/** Whether a value is a time: a whole number of epoch milliseconds that a `Date` can hold. */
export function isTime(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) <= MAX_TIME_MS && (value as number) >= -MAX_TIME_MS;
}

/** The greatest `n · stepMs + offsetMs` that is not after `timeMs`; right for negative times too. */
export function alignedStart(timeMs: number, stepMs: number, offsetMs: number): number {
  return Math.floor((timeMs - offsetMs) / stepMs) * stepMs + offsetMs;
}
