import { count, tumbling } from '@millrace/windowing';
import { definePipeline } from '@millrace/streams';

/** The events of the comparison: six fields, about 54 bytes. */
export const ClickSchema = {
  type: 'record',
  name: 'Click',
  namespace: 'io.millrace.bench',
  fields: [
    { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' }, eventTime: true },
    { name: 'user_id', type: 'string' },
    { name: 'page', type: 'string' },
    { name: 'event_type', type: 'string' },
    { name: 'session', type: 'string' },
    { name: 'load_ms', type: 'int' },
  ],
} as const;

export const partitionCount = 4;
export const windowMs = 60_000;
/** Where the events' times start: a whole minute. */
export const startMs = 1_700_000_040_000;
/** 100 events a second of event time: 2 million are 334 minutes. */
export const stepMs = 10;
export const pages = 50;

export type Job = 'wide' | 'narrow';

/** *wide*: count per user, who decide the partition. *narrow*: count per page, which needs a repartition. */
export const enginePipeline = (name: string, topic: string, job: Job) =>
  definePipeline({
    name,
    sources: { clicks: { topic, schema: ClickSchema, partitionedBy: ['user_id'] } },
    views: {
      counts:
        job === 'wide'
          ? {
              from: 'clicks',
              by: ['user_id'],
              window: tumbling({ sizeMs: windowMs }),
              select: { clicks: count() },
            }
          : {
              from: 'clicks',
              by: ['page'],
              window: tumbling({ sizeMs: windowMs }),
              select: { clicks: count() },
            },
    },
  });

export interface GeneratedClick {
  readonly event_time: number;
  readonly user_id: string;
  readonly page: string;
  readonly event_type: string;
  readonly session: string;
  readonly load_ms: number;
}

/** A click and the partition that its user's events go to. */
export type PlacedClick = GeneratedClick & { readonly partition: number };

/** The n-th click, always the same. */
export function click(n: number, users: number, partitions = partitionCount): PlacedClick {
  let mixed = Math.imul(n + 1, 0x9e3779b1) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0;
  mixed = (mixed ^ (mixed >>> 16)) >>> 0;
  const user = mixed % users;
  return {
    event_time: startMs + n * stepMs,
    user_id: `user-${user}`,
    page: `/page/${(mixed >>> 8) % pages}`,
    event_type: 'page_view',
    session: `s${(mixed >>> 4) % 100_000}`,
    load_ms: mixed % 3_000,
    partition: user % partitions,
  };
}

/**
 * Clicks 75 minutes after all others (longer than any engine's grace), so that all windows close: one per partition and page, because an engine that keeps event
 * time by partition needs one in each partition of a repartition topic, too.
 */
export function lastClicks(events: number, partitions = partitionCount): PlacedClick[] {
  return Array.from({ length: partitions * pages }, (_, n) => ({
    ...click(0, 1),
    event_time: startMs + events * stepMs + 4_500_000,
    user_id: `user-${n % partitions}`,
    page: `/page/${Math.floor(n / partitions)}`,
    partition: n % partitions,
  }));
}

/** The clicks of a topic whose windows stay open. */
export function* clicksToCount(
  events: number,
  users: number,
  partitions = partitionCount,
): Generator<PlacedClick> {
  for (let n = 0; n < events; n++) yield click(n, users, partitions);
}

/** All clicks of a topic, those that close its windows included. */
export function* allClicks(
  events: number,
  users: number,
  partitions = partitionCount,
): Generator<PlacedClick> {
  yield* clicksToCount(events, users, partitions);
  yield* lastClicks(events, partitions);
}

/** How many different keys a job can meet. */
export function keyCount(job: Job, users: number): number {
  return job === 'wide' ? users : pages;
}

/** The number of a key, from 0. */
export function keyNumber(job: Job, key: string): number {
  return Number(key.slice(job === 'wide' ? 'user-'.length : '/page/'.length));
}
