import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline } from '../../src/index.ts';
import type { Serdes, SerdesModule, ValueReader } from '../../src/index.ts';

/** Clicks as JSON text, so that these tests need no registry. */
export interface Click {
  readonly time: number;
  readonly user: string | null;
  readonly page: string;
  readonly n: number;
}

const schema = {
  type: 'record',
  name: 'Click',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'user', type: ['null', 'string'] },
    { name: 'page', type: 'string' },
    { name: 'n', type: 'long' },
  ],
} as const;

export interface PipelineOptions {
  readonly windowMs?: number;
  readonly outOfOrderMs?: number;
}

/** Two views of the same clicks: per user where they lie, per page through a repartition topic. */
export const clicksPipeline = (
  name: string,
  { windowMs = 1_000, outOfOrderMs = 100 }: PipelineOptions = {},
) =>
  definePipeline({
    name,
    sources: { clicks: { topic: `${name}-clicks`, schema, outOfOrderMs, partitionedBy: ['user'] } },
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

export const partitionCount = 4;
export const startMs = 1_700_000_000_000;

/** The n-th click: 10 ms of event time a click, users spread over the partitions by their number. */
export function click(n: number): Click & { readonly partition: number } {
  const user = (n * 7) % 40;
  return {
    time: startMs + n * 10,
    user: `u${user}`,
    page: `/p${(n * 3) % 10}`,
    n,
    partition: user % partitionCount,
  };
}

/** One click a partition, far behind all others, so that their windows close. */
export const lastClicks = (n: number) =>
  Array.from({ length: partitionCount }, (_, partition) => ({
    time: startMs + n * 10 + 3_600_000,
    user: `u${partition}`,
    page: `/p${partition}`,
    n: 0,
    partition,
  }));

export const jsonSerdes: Serdes = {
  reader: () => {
    const reader = {
      row: { time: 0, user: null, page: '', n: 0 } as Record<string, unknown>,
      fault: undefined as ValueReader['fault'],
      read(bytes: Buffer, start: number, end: number): 0 | 2 {
        try {
          Object.assign(reader.row, JSON.parse(bytes.toString('utf8', start, end)));
          return 0;
        } catch (error) {
          reader.fault = { code: 'TEST_NOT_JSON', message: (error as Error).message };
          return 2;
        }
      },
      resolve: () => Promise.resolve(),
    };
    return reader;
  },
  schemaId: () => Promise.resolve(1),
};

/** The same serdes as a module, for workers on threads. */
export const createSerdes = (): Serdes => jsonSerdes;
export const jsonSerdesModule: SerdesModule = { module: import.meta.url };
