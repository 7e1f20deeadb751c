import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline, field } from '@millrace/streams';
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

/** An entry of the global table; `sent` tells how often it was sent, and changes nothing else. */
export interface Page {
  readonly path: string;
  readonly section: string;
  readonly sent: number;
}

export const PageSchema = {
  type: 'record',
  name: 'ChaosPage',
  namespace: 'io.millrace.chaos',
  fields: [
    { name: 'path', type: 'string' },
    { name: 'section', type: 'string' },
    { name: 'sent', type: 'long' },
  ],
} as const satisfies TypedSchema<Page>;

export const partitionCount = 4;
export const windowMs = 5_000;
export const outOfOrderMs = 1_000;
const users = 200;
/** Pages, each an entry of the global table. */
export const pageCount = 20;
const sections = 3;

export const topicsOf = (name: string) => ({ clicks: `${name}-clicks`, pages: `${name}-pages` });

export const views = ['per_user', 'per_page', 'per_section'] as const;

const view = {
  window: tumbling({ sizeMs: windowMs }),
  select: { clicks: count(), numbers: sum('n') },
};

/**
 * Three views of the same clicks: per user where they lie, per page through a repartition topic, per section joined with a
 * global table and then through a repartition topic.
 */
export const chaosPipeline = (name: string) =>
  definePipeline({
    name,
    sources: {
      clicks: { topic: topicsOf(name).clicks, schema: ClickSchema, outOfOrderMs, partitionedBy: ['user'] },
      pages: { topic: topicsOf(name).pages, schema: PageSchema },
    },
    joins: { placed: { stream: 'clicks', globalTable: 'pages', on: ['page'], key: ['path'], type: 'inner' } },
    views: {
      per_user: { ...view, from: 'clicks', by: ['user'] },
      per_page: { ...view, from: 'clicks', by: ['page'] },
      per_section: {
        ...view,
        from: 'placed',
        derive: { section: field('pages.section'), n: field('clicks.n') },
        by: ['section'],
      },
    },
  });

/** By which value of a click a view groups. */
export const keyOf: Readonly<Record<(typeof views)[number], (click: Click) => string>> = {
  per_user: ({ user }) => user,
  per_page: ({ page }) => page,
  per_section: ({ page }) => sectionOf(Number(page.slice('/page-'.length))),
};

const sectionOf = (page: number) => `section-${page % sections}`;

/** The n-th entry of the global table to send: each page in turn, over and over. */
export const pageEntry = (n: number): Page => ({
  path: `/page-${n % pageCount}`,
  section: sectionOf(n % pageCount),
  sent: Math.floor(n / pageCount),
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
    page: `/page-${Math.floor(next() * pageCount)}`,
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
