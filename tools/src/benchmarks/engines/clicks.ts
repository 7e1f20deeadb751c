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

/** The n-th click, always the same. */
export function click(n: number, users: number): GeneratedClick & { readonly partition: number } {
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
    partition: user % partitionCount,
  };
}

/** One click per partition, an hour after all others, so that all windows close. */
export function lastClicks(events: number): (GeneratedClick & { readonly partition: number })[] {
  return Array.from({ length: partitionCount }, (_, partition) => ({
    ...click(0, 1),
    event_time: startMs + events * stepMs + 3_600_000,
    user_id: `user-${partition}`,
    partition,
  }));
}

/** How many results there must be: one per key and minute that has events. */
export function expectedResults(events: number, users: number, job: Job): number {
  let results = 0;
  let minute = -1;
  const seen = new Set<string>();
  for (let n = 0; n < events; n++) {
    const { event_time, user_id, page } = click(n, users);
    const current = Math.floor(event_time / windowMs);
    if (current !== minute) {
      minute = current;
      results += seen.size;
      seen.clear();
    }
    seen.add(job === 'wide' ? user_id : page);
  }
  return results + seen.size;
}
