import type { GoldenEvent } from '../../golden-event.ts';
import { seededRandom } from '../../random.ts';
import { userActivityEvents } from "../events.ts";

const fromMs = Date.UTC(2026, 0, 5, 12);
/** Within the sources' bound. */
const mostDelayMs = 4_500;

/** Some hours with attacks of each kind in them, each event up to four and a half seconds later than its time says. */
export function input(): readonly GoldenEvent[] {
  const options = { seed: 11, fromMs, toMs: fromMs + 3 * 3_600_000, visitsPerHour: 16, attacksPerDay: 72 };
  return userActivityEvents(options)
    .map((event, index) => ({
      event,
      arrivalMs: event.value.event_time + Math.floor(seededRandom(5, index).next() * mostDelayMs),
    }))
    .sort((a, b) => a.arrivalMs - b.arrivalMs)
    .map(({ event: { source, value } }) => ({ source, key: value.user_id, value: { ...value } }));
}
