import { RowFault } from './row-to-event.ts';

/** A row's time may be this far ahead of the clock. */
const MAX_FUTURE_MS = 60_000;

/** What a row's time is judged by. */
export interface TimesAround {
  /** The greatest time of the rows before. */
  readonly maxTimeMs: number;
  /** The time of the row behind, where it is known. */
  readonly nextMs: number | undefined;
  readonly outOfOrderMs: number;
  readonly nowMs: number;
}

/**
 * Refuses a time that goes back, lies in the future, or jumps ahead of the row behind it: taken for true, one broken clock
 * would make late all that follows.
 * @throws RowFault REPLAY_TIME_BACKWARDS, REPLAY_TIME_FUTURE, REPLAY_TIME_AHEAD
 */
export function checkTime(timeMs: number, { maxTimeMs, nextMs, outOfOrderMs, nowMs }: TimesAround): void {
  const text = (ms: number) => new Date(ms).toISOString();
  if (timeMs < maxTimeMs - outOfOrderMs)
    throw new RowFault(
      'REPLAY_TIME_BACKWARDS',
      `its time ${text(timeMs)} is ${(maxTimeMs - timeMs) / 1000} s before that of an earlier row, and outOfOrderMs allows ${outOfOrderMs / 1000} s`,
    );
  if (timeMs > nowMs + MAX_FUTURE_MS)
    throw new RowFault(
      'REPLAY_TIME_FUTURE',
      `its time ${text(timeMs)} is more than ${MAX_FUTURE_MS / 1000} s ahead of the clock`,
    );
  const returns =
    nextMs !== undefined && nextMs < timeMs - outOfOrderMs && nextMs >= maxTimeMs - outOfOrderMs;
  if (returns)
    throw new RowFault(
      'REPLAY_TIME_AHEAD',
      `its time ${text(timeMs)} is ${(timeMs - nextMs) / 1000} s ahead of the row behind it, and outOfOrderMs allows ${outOfOrderMs / 1000} s`,
    );
}
