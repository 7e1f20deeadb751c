import type { Bucket } from '../../features/pipeline/time-buckets.ts';

/** A stretch of a line: points with no gap between them, all on one side of completeness. */
export interface Run {
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
  readonly isFilling: boolean;
}

/**
 * The stretches of one series' line through the middles of its buckets: broken where a bucket is missing, and where
 * filling begins, at which the filling stretch starts from the last complete point.
 */
export function lineRuns(buckets: readonly Bucket[], series: string): Run[] {
  const runs: { points: { timeMs: number; value: number }[]; isFilling: boolean }[] = [];
  let previous: Bucket | undefined;
  for (const bucket of buckets) {
    const value = bucket.values.get(series);
    if (value === undefined) continue;
    const point = { timeMs: (bucket.startMs + bucket.endMs) / 2, value };
    const isFilling = bucket.state === 'filling';
    const run = runs.at(-1);
    const hasGap = previous === undefined || previous.endMs !== bucket.startMs;
    if (run === undefined || hasGap) runs.push({ points: [point], isFilling });
    else if (run.isFilling === isFilling) run.points.push(point);
    else runs.push({ points: [...run.points.slice(-1), point], isFilling: true });
    previous = bucket;
  }
  return runs;
}
