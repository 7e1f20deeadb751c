import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline } from '@millrace/streams';
import type { TypedSchema } from '@millrace/streams';

/** One simulated click; `n` numbers them, so that a record can be found again. */
export interface Click {
  readonly time: number;
  readonly user: string;
  readonly page: string;
  readonly n: number;
}

export const ClickSchema = {
  type: 'record',
  name: 'ChaosClick',
  namespace: 'io.millrace.chaos',
  fields: [
    { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' }, eventTime: true },
    { name: 'user', type: 'string' },
    { name: 'page', type: 'string' },
    { name: 'n', type: 'long' },
  ],
} as const satisfies TypedSchema<Click>;

export const partitionCount = 4;
export const windowMs = 5_000;
export const outOfOrderMs = 1_000;
const users = 200;
const pages = 20;

/** Two views of the same clicks: per user where they lie, per page through a repartition topic. */
export const chaosPipeline = (name: string) =>
  definePipeline({
    name,
    sources: {
      clicks: { topic: `${name}-clicks`, schema: ClickSchema, outOfOrderMs, partitionedBy: ['user'] },
    },
    views: {
      per_user: {
        from: 'clicks',
        by: ['user'],
        window: tumbling({ sizeMs: windowMs }),
        select: { clicks: count(), numbers: sum('n') },
      },
      per_page: {
        from: 'clicks',
        by: ['page'],
        window: tumbling({ sizeMs: windowMs }),
        select: { clicks: count(), numbers: sum('n') },
      },
    },
  });

/** A generator of numbers in [0, 1) that gives the same ones for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The n-th click: event time goes on by `stepMs` a click, shuffled within what the pipeline allows. */
export function click(n: number, stepMs: number, next: () => number): Click & { readonly partition: number } {
  const user = Math.floor(next() * users);
  const base = 1_700_000_000_000 + Math.floor(n * stepMs);
  return {
    time: base - Math.floor(next() * outOfOrderMs),
    user: `user-${user}`,
    page: `/page-${Math.floor(next() * pages)}`,
    n,
    partition: user % partitionCount,
  };
}

/** A click far in the future of all others, one a partition, so that every window before it closes. */
export function lastClicks(n: number, stepMs: number): (Click & { readonly partition: number })[] {
  const time = 1_700_000_000_000 + Math.floor(n * stepMs) + 3_600_000;
  return Array.from({ length: partitionCount }, (_, partition) => ({
    time,
    user: `user-${partition}`,
    page: `/page-${partition}`,
    n: n + partition,
    partition,
  }));
}
