import { clickstream as pipeline, errorBursts, shoppers } from '@millrace/pipelines';
import { z } from 'zod';
import { timeline } from '../sources/timeline.ts';
import type { Feed } from './feed.ts';

const environment = z.object({
  CLICKSTREAM_EVENTS_PER_SECOND: z.coerce.number().min(0).max(1_000).default(5),
  CLICKSTREAM_ERROR_BURSTS_PER_DAY: z.coerce.number().int().min(0).max(12).default(6),
  CLICKSTREAM_PAST_MINUTES: z.coerce.number().min(0).max(1_440).default(90),
  SIMULATE_SEED: z.coerce.number().int().default(1),
});

/** The past is told in transactions of about this many events, well below what a broker takes at once. */
const EVENTS_AT_ONCE = 2_000;

export interface ClickstreamSettings {
  /** 0: no simulated shoppers. */
  readonly eventsPerSecond: number;
  readonly burstsPerDay: number;
  /** How much of the time before the first start, or of a pause, is told. */
  readonly pastMs: number;
  readonly seed: number;
}

/** Simulated shoppers; a start tells what they did in the time before it too, since a session is over only half an hour after it. */
export const clickstream: Feed<ClickstreamSettings> = {
  pipeline,
  settings(env) {
    const values = environment.parse(env);
    return {
      eventsPerSecond: values.CLICKSTREAM_EVENTS_PER_SECOND,
      burstsPerDay: values.CLICKSTREAM_ERROR_BURSTS_PER_DAY,
      pastMs: values.CLICKSTREAM_PAST_MINUTES * 60_000,
      seed: values.SIMULATE_SEED,
    };
  },
  sources({ eventsPerSecond, burstsPerDay, pastMs, seed }) {
    if (eventsPerSecond === 0) return [];
    const bursts = (dayStartMs: number) => errorBursts({ seed, perDay: burstsPerDay }, dayStartMs);
    const shop = shoppers({ seed, eventsPerSecond, bursts });
    return [
      timeline({
        name: pipeline.name,
        what: 'shoppers',
        seed,
        historyMs: pastMs,
        catchUpMs: pastMs,
        stretchMs: Math.ceil((EVENTS_AT_ONCE / eventsPerSecond) * 1_000),
        between: (_seed, fromMs, toMs) =>
          shop.between(fromMs, toMs).map((value) => ({ source: 'clicks', key: value.user_id, value })),
      }),
    ];
  },
};
