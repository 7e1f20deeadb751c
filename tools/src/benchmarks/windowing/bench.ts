import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Aggregates, OperatorOptions, Window } from '@millrace/windowing';
import {
  count,
  createOperator,
  hopping,
  max,
  mean,
  min,
  quantile,
  session,
  sum,
  tumbling,
} from '@millrace/windowing';
import type { Aim, Bench } from '../bench.ts';
import { atLeast, atMost, median } from '../bench.ts';
import type { Events } from './events.ts';
import { burstyEvents, steadyEvents } from './events.ts';

const ROUNDS = 3;
const EVENTS = 4_000_000;
const KEYS = 10_000;
const OUT_OF_ORDER_MS = 5_000;

interface Row {
  ms: number;
}

export const bench: Bench = {
  name: 'windowing',
  summary: `windowed aggregation of ${EVENTS / 1e6} million events in memory, per second of CPU time of one thread, median of ${ROUNDS} rounds`,
  async run() {
    const steady = steadyEvents(EVENTS, KEYS);
    const bursty = burstyEvents(EVENTS, KEYS);
    const bare = median(Array.from({ length: ROUNDS }, () => bareMap(steady)));
    console.log('case                                      events/s   of a bare Map     results');
    line('bare Map per 1-minute window', bare, bare, '');
    const aims: Aim[] = [];
    const rate = (
      name: string,
      aim: number | undefined,
      run: () => { perSecond: number; results: number },
    ) => {
      const rounds = Array.from({ length: ROUNDS }, run);
      const got = median(rounds.map(({ perSecond }) => perSecond));
      line(name, got, bare, rounds[0]!.results.toLocaleString('en'));
      if (aim !== undefined) aims.push(atLeast(name, aim, got, 'events/s'));
    };
    const counted = { n: count() };
    const minute = tumbling({ sizeMs: 60_000 });
    const five = { n: count(), total: sum('ms'), mean: mean('ms'), min: min('ms'), max: max('ms') };
    const sketched = { ...five, p95: quantile('ms', 0.95) };
    rate('tumbling count', 5e6, () => windows(steady, minute, counted));
    rate('hopping count, size 6 × advance', 2e6, () =>
      windows(steady, hopping({ sizeMs: 60_000, advanceMs: 10_000 }), counted),
    );
    rate('session count', 1.5e6, () => windows(bursty, session({ gapMs: 5_000 }), counted));
    rate('tumbling, five aggregates', 1.5e6, () => windows(steady, minute, five));
    rate('tumbling, those and a quantile', undefined, () => windows(steady, minute, sketched));
    rate('tumbling count, changes tracked', undefined, () =>
      windows(steady, minute, counted, { trackChanges: true }),
    );
    rate('tumbling count, 1.7 events a window', undefined, () =>
      windows(steady, tumbling({ sizeMs: 1_700 }), counted),
    );
    checkAnswers(steady);

    const megabytes = openKeys(1_000_000);
    console.log(`\n1 million open keys: ${megabytes.toFixed(0)} MB, key strings included`);
    aims.push(atMost('1 million open keys', 200, megabytes, 'MB'));
    for (const [name, pause] of [
      ['one window of 1 million keys', longestPause(1_000_000, 1)],
      ['1 million windows in time', longestPause(1, 1_000_000)],
      ['1 million sessions', longestPause(1_000_000, 1, session({ gapMs: 1 }))],
    ] as const) {
      console.log(`closing ${name}: longest call ${pause.toFixed(1)} ms`);
      aims.push(atMost(`closing ${name}`, 50, pause, 'ms'));
    }
    return aims;
  },
};

/** CPU time of this thread: what a call costs on one core, whatever else the machine does. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function line(name: string, perSecond: number, bare: number, results: string): void {
  const rate = Math.round(perSecond).toLocaleString('en').padStart(12);
  console.log(
    `${name.padEnd(38)}${rate}${`${(perSecond / bare).toFixed(2)} ×`.padStart(16)}${results.padStart(12)}`,
  );
}

/** What counting costs without any of event time: one Map a window, one look-up an event. */
function bareMap({ keys, timesMs }: Events): number {
  const started = cpuMs();
  const windows = new Map<number, Map<string, number>>();
  for (let i = 0; i < keys.length; i++) {
    const start = Math.floor(timesMs[i]! / 60_000);
    let window = windows.get(start);
    if (window === undefined) windows.set(start, (window = new Map()));
    window.set(keys[i]!, (window.get(keys[i]!) ?? 0) + 1);
  }
  return (keys.length / (cpuMs() - started)) * 1000;
}

function windows(
  { keys, timesMs, values }: Events,
  window: Window<Row>,
  aggregates: Aggregates<Row>,
  options: Partial<OperatorOptions<Row>> = {},
): { perSecond: number; results: number } {
  let counted = 0;
  let results = 0;
  const started = cpuMs();
  const operator = createOperator<Row>(
    { window, aggregates, outOfOrderMs: OUT_OF_ORDER_MS, ...options },
    {
      onResult(result) {
        results++;
        counted += result['n'] as number;
      },
    },
  );
  const row: Row = { ms: 0 };
  for (let i = 0; i < keys.length; i++) {
    row.ms = values[i]!;
    operator.add(keys[i]!, timesMs[i]!, row);
  }
  operator.finish();
  const perSecond = (keys.length / (cpuMs() - started)) * 1000;
  const overlap = window.type === 'hopping' ? window.sizeMs / window.advanceMs : 1;
  if (counted !== keys.length * overlap)
    throw new Error(`${counted} events in results, not ${keys.length} × ${overlap}`);
  return { perSecond, results };
}

/** Every key and window against the bare Map. */
function checkAnswers({ keys, timesMs, values }: Events): void {
  const expected = new Map<string, number>();
  for (let i = 0; i < keys.length; i++) {
    const id = `${keys[i]} ${Math.floor(timesMs[i]! / 60_000) * 60_000}`;
    expected.set(id, (expected.get(id) ?? 0) + 1);
  }
  const operator = createOperator<Row>(
    { window: tumbling({ sizeMs: 60_000 }), aggregates: { n: count() }, outOfOrderMs: OUT_OF_ORDER_MS },
    {
      onResult(result) {
        const id = `${result['key'] as string} ${result['windowStart'] as number}`;
        if (expected.get(id) !== result['n']) throw new Error(`wrong count for ${id}`);
        expected.delete(id);
      },
    },
  );
  for (let i = 0; i < keys.length; i++) operator.add(keys[i]!, timesMs[i]!, { ms: values[i]! });
  operator.finish();
  if (expected.size > 0) throw new Error(`${expected.size} windows have no result`);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** Megabytes that a count of so many keys in one open window takes. */
function openKeys(keys: number): number {
  const before = memory();
  const operator = createOperator<Row>(
    { window: tumbling({ sizeMs: 60_000 }), aggregates: { n: count() } },
    { onResult: () => undefined },
  );
  const row = { ms: 0 };
  for (let i = 0; i < keys; i++) operator.add(`customer-${i}`, 1, row);
  const after = memory();
  if (operator.keyCount !== keys) throw new Error(`${operator.keyCount} keys are open, not ${keys}`);
  return after - before;
}

/** The longest of the calls that hand out the results of `keys` × `times` windows that close at one moment, 1,000 a call. */
function longestPause(keys: number, times: number, window: Window<Row> = tumbling({ sizeMs: 10 })): number {
  let results = 0;
  const operator = createOperator<Row>(
    { window, aggregates: { n: count() }, outOfOrderMs: 1e12, maxResultsPerCall: 1_000 },
    { onResult: () => void results++ },
  );
  const row = { ms: 0 };
  for (let key = 0; key < keys; key++) {
    for (let time = 0; time < times; time++) operator.add(`customer-${key}`, time * 10, row);
  }
  collectGarbage();
  let longest = 0;
  let started = cpuMs();
  operator.advanceWatermark(1e10);
  longest = cpuMs() - started;
  for (let done = false; !done;) {
    started = cpuMs();
    done = operator.drain(1_000);
    longest = Math.max(longest, cpuMs() - started);
  }
  for (let i = 0; i < 20_000; i++) {
    started = cpuMs();
    operator.add(`later-${i}`, 1e10 + i, row);
    longest = Math.max(longest, cpuMs() - started);
  }
  if (results !== keys * times) throw new Error(`${results} results, not ${keys * times}`);
  return longest;
}
