import type { Window } from '@millrace/windowing';

/** Numbers stretches of time: those of two times differ when they differ. */
export type Stretch = (timeMs: number) => number;

/** Time zones differ by multiples of it. */
const quarterMs = 15 * 60_000;

/** The longest stretches within which none of these windows begins or ends; undefined where that depends on the events. */
export function stretchOf(window: Window<never>): Stretch | undefined {
  switch (window.type) {
    case 'tumbling':
      return every(window.sizeMs, window.offsetMs);
    case 'hopping':
      return every(commonDivisor(window.sizeMs, window.advanceMs), window.offsetMs);
    case 'cumulative':
      return every(window.stepMs, window.offsetMs);
    case 'calendar':
      return every(quarterMs);
    default:
      return undefined;
  }
}

const every =
  (lengthMs: number, offsetMs = 0): Stretch =>
  (timeMs) =>
    Math.floor((timeMs - offsetMs) / lengthMs);

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));
