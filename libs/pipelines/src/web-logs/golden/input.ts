import type { GoldenEvent } from '../../golden-event.ts';
import { seededRandom } from '../../random.ts';
import { accessLogEvent } from '../access-log-event.ts';
import { simulatedRequest } from '../events.ts';

const startMs = Date.UTC(2026, 0, 1);

/** Two and a half minutes of requests, ten a second; their times jitter by less than the pipeline's bound. */
export function input(): readonly GoldenEvent[] {
  return Array.from({ length: 1_500 }, (_, index) => {
    const jitterMs = Math.floor(seededRandom(9, index).next() * 1_900);
    const line = simulatedRequest(7, index, startMs + index * 100 + jitterMs);
    return {
      source: 'logs',
      key: line.host,
      value: { ...accessLogEvent(line, { text: '', simulated: true }) },
    };
  });
}
