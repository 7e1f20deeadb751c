import type { Row } from '@millrace/streams';

interface Minute {
  readonly windowEnd: number;
  readonly errors: number;
  readonly pageViews: number;
}

const minuteMs = 60_000;

/** Minutes of six robust deviations or more above the median of the hour that ends with them. */
export function spikesOf(minutes: readonly Minute[]): Row[] {
  return minutes.flatMap(({ windowEnd, errors, pageViews }) => {
    const hour = minutes.filter((other) => {
      const behindMs = windowEnd - other.windowEnd;
      return behindMs >= 0 && behindMs < 60 * minuteMs;
    });
    const counts = hour.map((minute) => minute.errors);
    const usual = median(counts);
    const spread = 1.4826 * median(counts.map((count) => Math.abs(count - usual)));
    const deviation = spread > 0 ? (errors - usual) / spread : errors - usual;
    if (hour.length < 15 || errors < 5 || deviation < 6) return [];
    return [
      {
        windowStart: windowEnd - 60 * minuteMs,
        windowEnd,
        minutes: hour.length,
        minute_end: windowEnd,
        errors,
        error_rate: errors / pageViews,
        usual_errors: usual,
        robust_score: spread > 0 ? deviation : null,
        deviation,
        score: Math.round((deviation / 6) * 10) / 10,
      },
    ];
  });
}

/** By the nearest rank. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1]!;
}
