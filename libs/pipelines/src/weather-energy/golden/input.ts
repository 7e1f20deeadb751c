import type { GoldenEvent } from '../../golden-event.ts';
import { seededRandom } from '../../random.ts';
import { modelledEvents } from '../events.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 0, 10, 8);

/**
 * Four days of two modelled households, read every ten minutes or so, their times jittering by less than the pipeline's bound;
 * one reading in fifty is missing, and for an hour all of one household's are.
 */
export function input(): readonly GoldenEvent[] {
  const stretch = { seed: 7, fromMs: startMs, toMs: startMs + 4 * 24 * 60 * minuteMs, everyMs: 10 * minuteMs };
  return [...modelledEvents(stretch)].flatMap(({ source, key, value }, index): GoldenEvent[] => {
    if (source === 'weather') return [{ source, key, value: { ...value } }];
    const random = seededRandom(9, index);
    const hours = (value.time - startMs) / (60 * minuteMs);
    if (random.next() < 0.02 || (key === 'home-1' && hours >= 40.5 && hours < 41.5)) return [];
    return [{ source, key, value: { ...value, time: value.time + random.below(50_000) } }];
  });
}
