const MAX_INTERVALS = 4;
const STEPS = [1, 2, 2.5, 5, 10];

/** Ticks from 0 to the first round number at or above `max`, three or four intervals where that is possible. */
export function niceTicks(max: number): number[] {
  if (!(max > 0) || !Number.isFinite(max)) return [0, 1];
  const magnitude = 10 ** Math.floor(Math.log10(max / MAX_INTERVALS));
  const factor = STEPS.find((step) => max / (step * magnitude) <= MAX_INTERVALS) ?? 10;
  const intervals = Math.ceil(max / (factor * magnitude) - 1e-9);
  // One multiplication per tick, rounded, so that 3 × 0.1 is 0.3.
  return Array.from({ length: intervals + 1 }, (_, index) =>
    Number((index * factor * magnitude).toPrecision(12)),
  );
}
