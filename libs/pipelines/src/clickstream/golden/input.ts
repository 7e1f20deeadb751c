import type { GoldenEvent } from '../../golden-event.ts';
import { seededRandom } from '../../random.ts';
import { shoppers } from '../events.ts';

const startMs = Date.UTC(2026, 0, 5, 18);
const minuteMs = 60_000;
const bursts = [
  { fromMs: startMs + 40 * minuteMs, toMs: startMs + 44 * minuteMs, area: null, share: 0.6 },
] as const;

/** An hour of an evening in a small shop, with a burst of errors in it; arrivals out of order by less than the pipeline's bound. */
export function input(): readonly GoldenEvent[] {
  return shoppers({ seed: 11, eventsPerSecond: 0.45, bursts: () => bursts })
    .between(startMs, startMs + 60 * minuteMs)
    .map((value, index) => ({ value, arrivalMs: value.event_time + seededRandom(5, index).below(4_900) }))
    .sort((a, b) => a.arrivalMs - b.arrivalMs)
    .map(({ value }) => ({ source: 'clicks', key: value.user_id, value: { ...value } }));
}
