import { describe, expect, it } from '@jest/globals';
import type { ResultRow } from '@millrace/views';
import { LiveHub, type ViewChange } from './live-hub.ts';

interface Received {
  event: string;
  id?: string;
  data: { view?: string; rows?: ResultRow[]; removed?: unknown[]; watermark?: number };
}

function parse(text: string): Received[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      );
      return { ...fields, data: JSON.parse(fields['data'] as string) } as Received;
    });
}

function reader(...views: string[]) {
  const events: Received[] = [];
  return { views: new Set(views), events, send: (text: string) => void events.push(...parse(text)) };
}

const row = (path: string, requests: number, more: Partial<ResultRow> = {}): ResultRow => ({
  path,
  requests,
  windowStart: 0,
  windowEnd: 10_000,
  state: 'filling',
  revision: 0,
  watermark: requests,
  ...more,
});
const changed = (view: string, value: ResultRow, partition = 0): ViewChange => ({
  view,
  partition,
  change: { row: value },
});
const makeHub = (maxRows = 100) =>
  new LiveHub(
    'a1',
    [
      { name: 'paths', keyColumns: ['path'] },
      { name: 'totals', keyColumns: [] },
    ],
    maxRows,
  );
const rowsOf = (events: Received[]) => events.flatMap(({ data }) => data.rows ?? []);
const lastId = (events: Received[]) => events.findLast(({ id }) => id !== undefined)?.id;

describe('LiveHub', () => {
  it('sends a reader the changes of its views alone, once, at the next flush', () => {
    const hub = makeHub();
    const paths = reader('paths');
    const totals = reader('totals');
    hub.add(paths);
    hub.add(totals);
    hub.publish([changed('paths', row('/', 1)), changed('nobody', row('/', 1))], 0);
    expect(paths.events).toEqual([]);
    hub.flush();
    hub.flush();
    expect(rowsOf(paths.events)).toEqual([row('/', 1)]);
    expect(totals.events).toEqual([]);
  });

  it('sends only the newest form of a row that changed several times', () => {
    const hub = makeHub();
    const paths = reader('paths');
    hub.add(paths);
    hub.publish(
      [1, 2, 3].map((requests) => changed('paths', row('/', requests))),
      0,
    );
    hub.flush();
    expect(rowsOf(paths.events)).toEqual([row('/', 3)]);
  });

  it('gives a new reader the recent rows and the watermark, and no reset', () => {
    const hub = makeHub();
    hub.publish([changed('paths', row('/', 1)), changed('paths', row('/a', 2))], 0);
    hub.flush();
    const late = reader('paths', 'totals');
    hub.add(late);
    expect(late.events.map(({ event }) => event)).toEqual(['rows', 'watermark']);
    expect(rowsOf(late.events)).toEqual([row('/', 1), row('/a', 2)]);
  });

  it('gives a reader that comes back what it missed, each row once', () => {
    const hub = makeHub();
    const first = reader('paths');
    hub.add(first);
    hub.publish([changed('paths', row('/', 1)), changed('paths', row('/a', 1))], 0);
    hub.flush();
    hub.remove(first);
    hub.publish([changed('paths', row('/a', 2)), changed('paths', row('/a', 3))], 0);
    hub.flush();
    const back = reader('paths');
    hub.add(back, lastId(first.events));
    expect(rowsOf(back.events)).toEqual([row('/a', 3)]);
    expect(back.events.map(({ event }) => event)).not.toContain('reset');
  });

  it.each([['b2.1'], ['a1.99'], ['a1.'], ['nonsense'], [`a1.${'9'.repeat(400)}`]])(
    'tells a reader whose id %.20s it does not know to read the history again',
    (id) => {
      const hub = makeHub();
      hub.publish([changed('paths', row('/', 1))], 0);
      hub.flush();
      const back = reader('paths');
      hub.add(back, id);
      expect(back.events.map(({ event }) => event)).toEqual(['reset', 'rows', 'watermark']);
    },
  );

  it('tells a reader so, too, when it was away for longer than the hub remembers', () => {
    const hub = makeHub(2);
    const first = reader('paths');
    hub.add(first);
    hub.publish([changed('paths', row('/0', 1))], 0);
    hub.flush();
    hub.publish(
      ['/1', '/2'].map((path) => changed('paths', row(path, 1))),
      0,
    );
    hub.flush();
    const back = reader('paths');
    hub.add(back, 'a1.1');
    expect(back.events.map(({ event }) => event)).not.toContain('reset');
    const longAway = reader('paths');
    hub.add(longAway, 'a1.0');
    expect(longAway.events[0]?.event).toBe('reset');
  });

  it('loses nothing when more rows change between two flushes than it remembers', () => {
    const hub = makeHub(2);
    const paths = reader('paths');
    hub.add(paths);
    const all = Array.from({ length: 7 }, (_, index) => row(`/${index}`, 1));
    hub.publish(
      all.map((value) => changed('paths', value)),
      0,
    );
    hub.flush();
    expect(rowsOf(paths.events)).toEqual(all);
  });

  it('tells of rows that are gone', () => {
    const hub = makeHub();
    const paths = reader('paths');
    hub.publish([changed('paths', row('/', 1))], 0);
    hub.flush();
    hub.add(paths);
    const removed = { path: '/', windowStart: 0 };
    hub.publish([{ view: 'paths', partition: 0, change: { removed } }], 0);
    hub.flush();
    expect(paths.events.at(-1)?.data).toEqual({ view: 'paths', rows: [], removed: [removed] });
  });

  it('puts the id only on the last of the events that belong together', () => {
    const hub = new LiveHub('a1', [{ name: 'paths', keyColumns: ['path'] }], 5_000);
    const paths = reader('paths');
    hub.add(paths);
    hub.publish(
      Array.from({ length: 1_200 }, (_, index) => changed('paths', row(`/${index}`, 1))),
      0,
    );
    hub.flush();
    const events = paths.events.filter(({ event }) => event === 'rows');
    expect(events.map(({ data }) => data.rows?.length)).toEqual([500, 500, 200]);
    expect(events.map(({ id }) => id)).toEqual([undefined, undefined, 'a1.1200']);
  });

  it('is as far as the slowest partition that is not idle, and never goes back', () => {
    const hub = makeHub();
    const note = (partition: number, watermark: number | null, nowMs: number) => {
      hub.publish([changed('totals', row('', 0, { watermark }), partition)], nowMs);
      return hub.watermark('totals');
    };
    expect(hub.watermark('totals')).toBeNull();
    expect(note(0, null, 0)).toBeNull();
    expect(note(0, 100, 0)).toBe(100);
    expect(note(1, 50, 0)).toBe(100);
    expect(note(0, 200, 1)).toBe(100);
    expect(note(1, 150, 2)).toBe(150);
    expect(note(0, 300, 3)).toBe(150);
    expect(note(0, 400, 31_000)).toBe(400);
    expect(note(1, 160, 31_001)).toBe(400);
  });
});
