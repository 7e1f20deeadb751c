/** Answers that the documentation of Apache Flink and Apache Kafka Streams gives, as facts in a form of our own. */
import { describe, expect, it } from '@jest/globals';
import type { JoinedRow, Window } from './index.ts';
import {
  collect,
  createOperator,
  cumulative,
  hopping,
  session,
  sliding,
  StreamJoin,
  sum,
  TableJoin,
  tumbling,
} from './index.ts';

type Row = { v: unknown };

const at = (clock: string): number => Date.parse(`2020-04-15T${clock}:00Z`);
const clock = (timeMs: unknown): string => new Date(timeMs as number).toISOString().slice(11, 16);

/** All results, at the end of input, as `from–to key value`. */
function results(
  window: Window<Row>,
  events: readonly (readonly [time: number, key: string, value: number])[],
  show: (timeMs: unknown) => string = clock,
): string[] {
  const rows: { start: number; text: string }[] = [];
  const operator = createOperator<Row>(
    { window, aggregates: { total: sum('v') }, outOfOrderMs: 60_000 },
    {
      onResult: ({ key, windowStart, windowEnd, total }) => {
        const text = `${show(windowStart)}–${show(windowEnd)} ${String(key)} ${String(total)}`;
        rows.push({ start: windowStart as number, text });
      },
    },
  );
  for (const [time, key, v] of events) operator.add(key, time, { v });
  operator.finish();
  return rows.map(({ text }) => text).sort();
}

/** @see https://nightlies.apache.org/flink/flink-docs-stable/docs/dev/table/sql/queries/window-tvf/ */
describe('Flink, windowing table-valued functions', () => {
  const prices = [
    ['08:05', 4],
    ['08:07', 2],
    ['08:09', 5],
    ['08:11', 3],
    ['08:13', 1],
    ['08:17', 6],
  ] as const;
  const bids = prices.map(([time, price]) => [at(time), '', price] as const);
  const minutes = (n: number): number => n * 60_000;

  it('TUMBLE', () => {
    expect(results(tumbling({ sizeMs: minutes(10) }), bids)).toEqual(['08:00–08:10  11', '08:10–08:20  10']);
  });

  it('HOP', () => {
    expect(results(hopping({ sizeMs: minutes(10), advanceMs: minutes(5) }), bids)).toEqual([
      '08:00–08:10  11',
      '08:05–08:15  15',
      '08:10–08:20  10',
      '08:15–08:25  6',
    ]);
  });

  it('CUMULATE', () => {
    expect(results(cumulative({ maxSizeMs: minutes(10), stepMs: minutes(2) }), bids)).toEqual([
      '08:00–08:06  4',
      '08:00–08:08  6',
      '08:00–08:10  11',
      '08:10–08:12  3',
      '08:10–08:14  4',
      '08:10–08:16  4',
      '08:10–08:18  10',
      '08:10–08:20  10',
    ]);
  });

  it('SESSION, with and without keys', () => {
    const events = [
      [at('08:07'), 'A', 4],
      [at('08:06'), 'A', 2],
      [at('08:09'), 'B', 5],
      [at('08:08'), 'A', 3],
      [at('08:17'), 'B', 1],
    ] as const;
    expect(results(session({ gapMs: minutes(5) }), events)).toEqual([
      '08:06–08:13 A 9',
      '08:09–08:14 B 5',
      '08:17–08:22 B 1',
    ]);
    const ofAll = events.map(([time, , price]) => [time, '', price] as const);
    expect(results(session({ gapMs: minutes(5) }), ofAll)).toEqual(['08:06–08:14  14', '08:17–08:22  1']);
  });

  it('an offset moves windows by its remainder', () => {
    const of = (offset: number): string[] =>
      results(tumbling({ sizeMs: minutes(10), offsetMs: minutes(offset) }), [[at('00:00'), '', 1]]);
    expect(of(-16)).toEqual(['23:54–00:04  1']);
    expect([of(-6), of(4)]).toEqual([of(-16), of(-16)]);
    expect(of(-4)).toEqual(['23:56–00:06  1']);
    expect([of(6), of(16)]).toEqual([of(-4), of(-4)]);
  });
});

/** @see https://kafka.apache.org/documentation/streams/developer-guide/dsl-api */
describe('Kafka Streams, developer guide', () => {
  const plain = String;

  it('hopping windows of 5 minutes every minute hold an event five times', () => {
    const minute = 60_000;
    const rows = results(hopping({ sizeMs: 5 * minute, advanceMs: minute }), [[10 * minute, 'k', 1]], (ms) =>
      plain((ms as number) / minute),
    );
    expect(rows).toEqual(['10–15 k 1', '6–11 k 1', '7–12 k 1', '8–13 k 1', '9–14 k 1']);
  });

  it('a session gap of 5: events at 10, 12, 20 are two sessions, one more at 16 makes them one', () => {
    const three = [
      [10, 'A', 1],
      [12, 'A', 2],
      [20, 'A', 3],
    ] as const;
    const window = session<Row>({ gapMs: 5 });
    // The guide ends a session at its last event, we at the last event and the gap.
    expect(results(window, three, plain)).toEqual(['10–17 A 3', '20–25 A 3']);
    expect(results(window, [...three, [16, 'A', 4]], plain)).toEqual(['10–25 A 10']);
  });

  it('sliding windows of 5 s over events at 8.0, 9.2 and 12.4 s', () => {
    const seen: unknown[] = [];
    const operator = createOperator<Row>(
      { window: sliding({ sizeMs: 5_000 }), aggregates: { list: collect('v') } },
      {
        onResult: ({ windowStart, windowEnd, list }) =>
          void seen.push([windowStart, (windowEnd as number) - 1, list]),
      },
    );
    for (const [v, time] of [
      ['A', 8_000],
      ['B', 9_200],
      ['C', 12_400],
    ] as const)
      operator.add('k', time, { v });
    operator.finish();
    // The guide has two more windows, which start one millisecond after an event; by our definition there are none.
    expect(seen).toEqual([
      [3_000, 8_000, ['A']],
      [4_200, 9_200, ['A', 'B']],
      [7_400, 12_400, ['A', 'B', 'C']],
    ]);
  });

  /** The guide's sequence for joins, its time stamps as times; null values are left out, as streams there ignore them. */
  const sequence: readonly (readonly [time: number, side: 'left' | 'right', value: string | null])[] = [
    [3, 'left', 'A'],
    [4, 'right', 'a'],
    [5, 'left', 'B'],
    [6, 'right', 'b'],
    [8, 'right', null],
    [9, 'left', 'C'],
    [10, 'right', 'c'],
    [11, 'right', null],
    [13, 'right', null],
    [14, 'right', 'd'],
    [15, 'left', 'D'],
  ];

  it('stream-stream join', () => {
    for (const type of ['inner', 'left', 'outer'] as const) {
      const byTime: Record<number, string[]> = {};
      const join = new StreamJoin<string, string>(
        { type, beforeMs: 15, afterMs: 15 },
        { onRow: ({ timeMs, left, right }) => (byTime[timeMs] ??= []).push(`${left}${right}`) },
      );
      for (const [time, side, value] of sequence) {
        if (value === null) continue;
        if (side === 'left') join.addLeft('k', time, value);
        else join.addRight('k', time, value);
      }
      join.finish();
      expect(byTime).toEqual({
        4: ['Aa'],
        5: ['Ba'],
        6: ['Ab', 'Bb'],
        9: ['Ca', 'Cb'],
        10: ['Ac', 'Bc', 'Cc'],
        14: ['Ad', 'Bd', 'Cd'],
        15: ['Da', 'Db', 'Dc', 'Dd'],
      });
    }
  });

  it('stream-table join', () => {
    for (const [type, expected] of [
      ['inner', ['5 Ba', '15 Dd']],
      ['left', ['3 Anull', '5 Ba', '9 Cnull', '15 Dd']],
    ] as const) {
      const rows: string[] = [];
      const onRow = ({ timeMs, left, right }: JoinedRow<string, string>): void =>
        void rows.push(`${timeMs} ${left}${right}`);
      const join = new TableJoin<string, string>({ type }, { onRow });
      for (const [time, side, value] of sequence) {
        if (side === 'left') join.add('k', time, value!);
        else join.upsert('k', time, value);
      }
      expect(rows).toEqual(expected);
    }
  });
});
