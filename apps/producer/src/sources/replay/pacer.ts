import type { Pause } from './pause.ts';

/** Rows that are due within this are taken for due, so that they go together. */
const TOGETHER_MS = 50;
/** A pause or an end is noticed this soon. */
const NAP_MS = 200;

/** Says when events are due that have to keep the gaps between their times; what has no time is due at once. */
export interface Pacer {
  isDue(timeMs: number | undefined): boolean;
  /** Resolves when it is due and there is no pause, or when `signal` ends the wait. */
  untilDue(timeMs: number | undefined, signal: AbortSignal): Promise<void>;
}

/** Ends early, without an error, when `signal` is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Begins with the first time that it is asked about; time in a pause does not count. */
export function createPacer(of: { speed: number; pause: Pause; now: () => number; sleep: Sleep }): Pacer {
  const { speed, pause, now, sleep } = of;
  let start: { wallMs: number; timeMs: number } | undefined;
  const waitMs = (timeMs: number | undefined): number => {
    if (timeMs === undefined) return 0;
    start ??= { wallMs: now(), timeMs };
    return start.wallMs + (timeMs - start.timeMs) / speed - now();
  };
  return {
    isDue: (timeMs) => !pause.isPaused && waitMs(timeMs) <= TOGETHER_MS,
    async untilDue(timeMs, signal) {
      while (!signal.aborted) {
        if (pause.isPaused) {
          const pausedMs = now();
          await pause.over(signal);
          if (start !== undefined) start.wallMs += now() - pausedMs;
          continue;
        }
        const leftMs = waitMs(timeMs);
        if (leftMs <= 0) return;
        await sleep(Math.min(leftMs, NAP_MS), signal);
      }
    },
  };
}
