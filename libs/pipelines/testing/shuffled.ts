import type { PipelineDefinition } from '@millrace/streams';
import type { GoldenEvent } from '../src/golden-event.ts';
import { seededRandom } from '../src/random.ts';
import { timeOf } from './golden-time.ts';

/** Events as they may arrive: each up to `outOfOrderMs` of its source later than its time says. */
export function shuffled(
  definition: PipelineDefinition,
  events: readonly GoldenEvent[],
  seed: number,
): GoldenEvent[] {
  const random = seededRandom(seed);
  return events
    .map((event) => {
      const { outOfOrderMs = 0 } = definition.sources[event.source]!;
      return { event, arrival: timeOf(definition, event) + random.next() * outOfOrderMs };
    })
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ event }) => event);
}
