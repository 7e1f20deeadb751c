import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline } from '../../src/index.ts';
import type { KeyedOwnCode, OwnCode, ProcessDefinition } from '../../src/index.ts';
import { clicksPipeline, partitionCount } from './clicks.ts';
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

const Visit = {
  type: 'record',
  name: 'Visit',
  fields: [
    { name: 'size', type: 'int' },
    { name: 'total', type: 'long' },
  ],
} as const;
const visitMs = 700;
const outOfOrderMs = 100;

/** What a user did until `visitMs` after the first click: state and a timer. */
export const visits: KeyedOwnCode<Click, typeof Visit> = {
  process({ n }, { state, schedule, timeMs }) {
    const visit = state.get<{ size: number; total: number }>('visit');
    if (visit === undefined) schedule(timeMs + visitMs);
    const { size, total } = visit ?? { size: 0, total: 0 };
    state.set('visit', { size: size + 1, total: total + n });
  },
  onTimer(_, { state }) {
    const visit = state.get<{ size: number; total: number }>('visit')!;
    state.delete('visit');
    return visit;
  },
};

const window = tumbling({ sizeMs: 1_000 });

/** Own code over clicks, without state and with: counted per user where they lie and otherwise through repartition topics. */
export const sharesPipeline = (name: string, change: Partial<ProcessDefinition> = {}) => {
  const { sources } = clicksPipeline(name, { outOfOrderMs });
  return definePipeline({
    name,
    sources,
    processes: {
      shares: {
        from: 'clicks',
        ...{ module: import.meta.url, export: 'shares', returns: Share, version: 1 },
        ...(change as object),
      },
      visits: { from: 'clicks', by: ['user'], module: import.meta.url, export: 'visits', returns: Visit },
    },
    views: {
      per_user: { from: 'shares', by: ['user'], window, select: { clicks: count(), numbers: sum('share') } },
      user_visits: {
        ...{ from: 'visits', by: ['user'], window },
        select: { clicks: sum('size'), numbers: sum('total') },
      },
      visits_by_size: {
        ...{ from: 'visits', by: ['size'], window },
        select: { clicks: count(), numbers: sum('total') },
      },
      per_tag: { from: 'shares', by: ['tag'], window, select: { clicks: count(), numbers: sum('share') } },
    },
  });
};

type Counts = Map<string, { clicks: number; numbers: number }>;

function add(counts: Counts, of: unknown, timeMs: number, cell: { clicks: number; numbers: number }): void {
  const key = JSON.stringify([of, Math.floor(timeMs / 1_000) * 1_000]);
  const { clicks, numbers } = counts.get(key) ?? { clicks: 0, numbers: 0 };
  counts.set(key, { clicks: clicks + cell.clicks, numbers: numbers + cell.numbers });
}

/** What a view of shares must give, counted here. */
export function expectedShares(clicks: readonly Click[], by: 'user' | 'tag'): Counts {
  const counts: Counts = new Map();
  for (const click of clicks) {
    if (isThrown(click.n) || isOdd(click.n)) continue;
    for (const row of (shares(click, { timeMs: click.time }) ?? []) as { tag: string; share: number }[])
      add(counts, by === 'user' ? click.user : row.tag, click.time, { clicks: 1, numbers: row.share });
  }
  return counts;
}

/** What a view of visits must give, of clicks in the order in which they lie in their partitions. */
export function expectedVisits(
  clicks: readonly (Click & { readonly partition: number })[],
  by: 'user' | 'size',
): Counts {
  const counts: Counts = new Map();
  for (let partition = 0; partition < partitionCount; partition++) {
    const open = new Map<string, { dueMs: number; size: number; total: number }>();
    for (const { time, user, n } of clicks.filter((click) => click.partition === partition)) {
      const visit = open.get(user!) ?? { dueMs: time + visitMs, size: 0, total: 0 };
      open.set(user!, { dueMs: visit.dueMs, size: visit.size + 1, total: visit.total + n });
      for (const [visitor, { dueMs, size, total }] of open) {
        if (dueMs > time - outOfOrderMs) continue;
        open.delete(visitor);
        const cell = { clicks: by === 'user' ? size : 1, numbers: total };
        add(counts, by === 'user' ? visitor : size, dueMs, cell);
      }
    }
  }
  return counts;
}
