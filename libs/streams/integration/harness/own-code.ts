import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline } from '../../src/index.ts';
import type { OwnCode, ProcessDefinition } from '../../src/index.ts';
import { clicksPipeline } from './clicks.ts';
import type { Click } from './clicks.ts';

const Share = {
  type: 'record',
  name: 'Share',
  fields: [
    { name: 'tag', type: 'string' },
    { name: 'share', type: 'long' },
  ],
} as const;

/** Two shares of each click; none of every tenth; an exception or nonsense now and then. */
export const shares: OwnCode<Click, typeof Share> = ({ n }) => {
  if (isThrown(n)) throw new Error(`click ${n} has no shares`);
  if (isOdd(n)) return [{ tag: 'fine', share: 1 }, { tag: `t${n}` } as never];
  if (n % 10 === 0) return undefined;
  return [
    { tag: `t${n % 7}`, share: n },
    { tag: 'all', share: 2 * n },
  ];
};

export const isThrown = (n: number) => n % 50 === 7;
export const isOdd = (n: number) => n % 50 === 9;

const window = tumbling({ sizeMs: 1_000 });

/** Own code over clicks, counted per user where they lie and per tag through a repartition topic. */
export const sharesPipeline = (name: string, change: Partial<ProcessDefinition> = {}) => {
  const { sources } = clicksPipeline(name);
  return definePipeline({
    name,
    sources,
    processes: {
      shares: {
        from: 'clicks',
        ...{ module: import.meta.url, export: 'shares', returns: Share, version: 1 },
        ...(change as object),
      },
    },
    views: {
      per_user: { from: 'shares', by: ['user'], window, select: { clicks: count(), numbers: sum('share') } },
      per_tag: { from: 'shares', by: ['tag'], window, select: { clicks: count(), numbers: sum('share') } },
    },
  });
};

/** What a view must give, counted here. */
export function expectedShares(clicks: readonly Click[], by: 'user' | 'tag') {
  const counts = new Map<string, { clicks: number; numbers: number }>();
  for (const click of clicks) {
    if (isThrown(click.n) || isOdd(click.n)) continue;
    for (const row of (shares(click, { timeMs: click.time }) ?? []) as { tag: string; share: number }[]) {
      const of = by === 'user' ? click.user : row.tag;
      const key = JSON.stringify([of, Math.floor(click.time / 1_000) * 1_000]);
      const { clicks: times, numbers } = counts.get(key) ?? { clicks: 0, numbers: 0 };
      counts.set(key, { clicks: times + 1, numbers: numbers + row.share });
    }
  }
  return counts;
}
