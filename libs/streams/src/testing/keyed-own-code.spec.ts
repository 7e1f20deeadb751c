import { describe as group, expect, it } from '@jest/globals';
import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline } from '../definition/define-pipeline.ts';
import { field } from '../definition/expression.ts';
import type { PipelineDefinition, ProcessDefinition } from '../definition/pipeline-definition.ts';
import { validateDefinition } from '../definition/validate-definition.ts';
import { viewColumns } from '../definition/view-columns.ts';
import { loadOwnCode } from '../own-code/load-own-code.ts';
import type { KeyedOwnCode } from '../own-code/own-code.ts';
import { stampOf } from '../runtime/definition-stamp.ts';
import { describe } from '../topology/describe.ts';
import { topologyOf } from '../topology/topology.ts';
import { testPipeline } from './test-pipeline.ts';

const Step = {
  type: 'record',
  name: 'Step',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'user', type: ['null', 'string'] },
    { name: 'step', type: 'string' },
  ],
} as const;
const Outcome = {
  type: 'record',
  name: 'Outcome',
  fields: [
    { name: 'outcome', type: 'string' },
    { name: 'steps', type: 'int' },
  ],
} as const;

/** Orders that are not paid within 100 ms are given up. */
const orders: KeyedOwnCode<typeof Step, typeof Outcome> = {
  process({ step }, { state, schedule, cancel, timeMs }) {
    const steps = state.get<number>('steps') ?? 0;
    state.set('steps', steps + 1);
    if (steps === 0) schedule(timeMs + 100);
    if (step === 'boom') throw new Error('no such step');
    if (step === 'odd') return { outcome: 'odd', steps: 0.5 };
    if (step !== 'pay') return undefined;
    state.delete('steps');
    cancel();
    return { outcome: 'paid', steps: steps + 1 };
  },
  onTimer(_, { state }) {
    const steps = state.get<number>('steps')!;
    state.delete('steps');
    if (steps > 5) throw new Error('too many steps');
    return { outcome: 'given up', steps };
  },
};

const source = (topic: string) =>
  ({ topic, schema: Step, outOfOrderMs: 20, partitionedBy: ['user'] }) as const;
const code = { module: 'data:text/javascript,', export: 'orders', returns: Outcome } as const;
const window = tumbling({ sizeMs: 50 });

const shop = definePipeline({
  name: 'shop',
  sources: { steps: source('steps'), visits: source('visits') },
  processes: { orders: { from: 'steps', by: ['user'], ...code } },
  joins: {
    seen: { left: 'orders', right: 'visits', on: ['user'], type: 'inner', beforeMs: 10, afterMs: 10 },
  },
  views: {
    log: { from: 'orders', by: ['user', 'outcome'], columns: ['steps'] },
    outcomes: { from: 'orders', by: ['outcome'], window, select: { orders: count(), steps: sum('steps') } },
    pairs: { from: 'seen', by: ['user'], columns: ['outcome'], derive: { outcome: field('orders.outcome') } },
  },
});
const step = (time: number, user: string | null, name = 'look') => ({ time, user, step: name });
const start = (ownCode = orders) => testPipeline(shop, { ownCodes: { orders: ownCode } });

group('own code with state', () => {
  it('has state and timers of its key, and gives rows of the key with what it returns', () => {
    const driver = start();
    driver.pipeAll('steps', [step(0, 'a'), step(10, 'b'), step(20, 'a', 'pay'), step(30, 'b')]);
    expect(driver.rows('log')).toEqual([{ user: 'a', outcome: 'paid', steps: 2 }]);
    driver.pipe('steps', step(129, 'c'));
    expect(driver.rows('log')).toEqual([]);
    // A timer fires when the watermark has reached it.
    driver.pipe('steps', step(130, 'c'));
    expect(driver.rows('log')).toEqual([{ user: 'b', outcome: 'given up', steps: 2 }]);
    driver.advanceWatermark('steps', 1_000);
    expect(driver.rows('log')).toEqual([{ user: 'c', outcome: 'given up', steps: 2 }]);
    expect(driver.rows('outcomes')).toMatchObject([
      { outcome: 'paid', windowStart: 0, orders: 1, steps: 2, state: 'final' },
      { outcome: 'given up', windowStart: 100, orders: 1, steps: 2 },
      { outcome: 'given up', windowStart: 200, orders: 1, steps: 2 },
    ]);
    expect(driver.late()).toEqual([]);
  });

  it('gives joins the rows of records and of timers, at their times', () => {
    const driver = start();
    driver.pipeAll('visits', [step(5, 'a'), step(105, 'b')]);
    driver.pipeAll('steps', [step(0, 'a', 'pay'), step(3, 'b')]);
    for (const name of ['steps', 'visits']) driver.advanceWatermark(name, 1_000);
    expect(driver.rows('pairs')).toEqual([
      { user: 'a', outcome: 'paid' },
      { user: 'b', outcome: 'given up' },
    ]);
  });

  it('keeps nothing of a call that failed', () => {
    const driver = start();
    driver.pipeAll('steps', [step(0, 'a', 'boom'), step(1, 'a', 'odd'), step(5, 'a'), step(6, 'a', 'pay')]);
    expect(driver.deadLetters()).toMatchObject([
      { code: 'STREAMS_OWN_CODE_THREW', row: { step: 'boom' }, process: 'orders', source: 'steps' },
      { code: 'STREAMS_OWN_CODE_VALUE', row: { step: 'odd' } },
    ]);
    expect(driver.rows('log')).toEqual([{ user: 'a', outcome: 'paid', steps: 2 }]);
  });

  it('sends a timer that it fails on to the dead letter, with its key, and goes on', () => {
    const driver = start();
    for (let at = 0; at < 6; at++) driver.pipe('steps', step(at, 'a'));
    driver.pipe('steps', step(6, 'b'));
    driver.advanceWatermark('steps', 500);
    expect(driver.deadLetters()).toMatchObject(
      [{ source: 'orders', row: { user: 'a', timer: '', timeMs: 100 }, reason: /too many steps/ }].map(
        (letter) => ({ ...letter, reason: expect.stringMatching(letter.reason) as unknown }),
      ),
    );
    expect(driver.rows('log')).toEqual([{ user: 'b', outcome: 'given up', steps: 1 }]);
  });

  it('carries the trace of a record to what it gives, and none to what a timer gives', () => {
    const driver = start();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    driver.pipe('steps', step(0, 'a'));
    driver.pipe('steps', step(1, 'b', 'pay'), { traceparent });
    driver.pipe('steps', step(500, 'c'), { traceparent });
    expect(driver.tracedRows('log')).toMatchObject([
      { row: { user: 'b' }, trace: { traceparent } },
      { row: { user: 'a', outcome: 'given up' }, trace: undefined },
    ]);
  });

  it('sets rows without a key aside', () => {
    const driver = start();
    driver.pipe('steps', step(1, null));
    expect(driver.rejected()).toMatchObject([{ code: 'STREAMS_NULL_KEY', view: 'orders' }]);
  });

  it('fires timers that set themselves anew at each of their times, and past ones next', () => {
    const times: number[] = [];
    const driver = start({
      process: (_, { schedule }) => schedule(-1_000, 'every'),
      onTimer({ name }, { timeMs, schedule }) {
        times.push(timeMs);
        if (timeMs < 200) schedule(name === 'every' && timeMs < 100 ? timeMs + 40 : timeMs, name);
        else schedule(10_000, name);
      },
    });
    driver.advanceWatermark('steps', 50);
    driver.pipe('steps', step(60, 'a'));
    expect(times).toEqual([]);
    driver.advanceWatermark('steps', 100);
    expect(times).toEqual([51, 91]);
    driver.advanceWatermark('steps', 133);
    expect(times).toEqual([51, 91, 131, 132, 133]);
  });

  it.each([
    [
      'what is no plain data',
      (context: Context) => context.state.set('x', { at: new Map() }),
      /x\.at is no plain data/,
    ],
    ['no value', (context: Context) => context.state.set('x', undefined), /x is no plain data/],
    ['no time', (context: Context) => context.schedule(1.5), /1\.5 is no time/],
  ])('refuses to keep %s', (_, act, problem) => {
    const driver = start({ process: (_row, context) => act(context) });
    driver.pipe('steps', step(1, 'a'));
    expect(driver.deadLetters()[0]!.reason).toMatch(problem);
  });

  it('gives out copies of what is kept, and nothing after the call', () => {
    const seen: unknown[] = [];
    let kept: Context | undefined;
    const driver = start({
      process({ step: name }, context) {
        const list = context.state.get<string[]>('list') ?? [];
        seen.push([...list]);
        list.push(name);
        if (name !== 'forget') context.state.set('list', list);
        list.push('never');
        kept = context;
      },
    });
    driver.pipeAll('steps', [
      step(1, 'a', 'x'),
      step(2, 'a', 'forget'),
      step(3, 'a', 'y'),
      step(4, 'b', 'z'),
    ]);
    expect(seen).toEqual([[], ['x'], ['x'], []]);
    expect(kept!.key).toEqual({ user: 'b' });
    expect(() => kept!.state.set('list', [])).toThrow(/no longer there once the call is over/);
  });

  it('is drawn with its keys, whose columns its rows have', () => {
    expect(describe(shop)).toContain(
      'orders: own code orders over steps with state by user, local only: returns outcome, steps',
    );
    expect(viewColumns(shop, 'log')).toMatchObject([
      { name: 'user', type: 'string', nullable: false, key: true },
      { name: 'outcome', key: true },
      { name: 'steps', type: 'long' },
    ]);
  });

  it('has state that belongs to what it is called and says of itself, not to where it lies', () => {
    const stampWith = (change: Partial<ProcessDefinition>) => {
      const definition: PipelineDefinition = {
        ...shop,
        processes: { orders: { ...shop.processes.orders, ...change } },
      };
      const { views } = JSON.parse(stampOf(definition, topologyOf(definition).stages[0]!, 4)) as {
        views: Record<string, string>;
      };
      return views;
    };
    const before = stampWith({});
    expect(Object.keys(before).sort()).toEqual(['orders', 'outcomes', 'seen']);
    expect(stampWith({ module: 'file:///elsewhere/orders.js', description: 'moved' })).toEqual(before);
    for (const change of [{ version: 1 }, { export: 'other' }, { by: ['user', 'step'] }])
      for (const [name, stamp] of Object.entries(stampWith(change))) expect(stamp).not.toBe(before[name]);
  });

  const changed = (change: Partial<ProcessDefinition>, partitionedBy: readonly string[] = ['user']) =>
    validateDefinition({
      ...{ ...structuredClone(shop), joins: {}, views: { log: shop.views.log } },
      sources: { ...shop.sources, steps: { ...shop.sources.steps, partitionedBy } },
      processes: { orders: { ...shop.processes.orders, ...change } },
    } as PipelineDefinition).join('\n');
  it.each([
    [changed({ by: [] }), /orders\.by: is empty/],
    [changed({ by: ['nobody'] }), /orders\.by: there is no field "nobody"; there are time, user, step/],
    [changed({ by: ['step'] }), /orders\.by: needs all rows of a key in one partition/],
    [
      changed({ returns: { ...Outcome, fields: [...Outcome.fields, { name: 'user', type: 'string' }] } }),
      /orders\.returns: "user" is a field of the rows/,
    ],
    [changed({ returns: { ...Outcome, fields: [...Outcome.fields, { name: 'time', type: 'long' }] } }), /^$/],
  ])('is refused (%#)', (problems, expected) => {
    expect(problems).toMatch(expected);
  });

  it.each([
    ['export const orders = () => ({});', /"orders" is function, not the code of a process with `by`/],
    ['export const orders = { async process() {} };', /"orders\.process" is an AsyncFunction/],
    ['export const orders = { process() {}, onTimer: 1 };', /"orders\.onTimer" is number, not a function/],
  ])('is refused when it is loaded as %s', async (text, problem) => {
    const module = `data:text/javascript,${encodeURIComponent(text)}`;
    const loading = loadOwnCode({ ...shop, processes: { orders: { ...shop.processes.orders, module } } });
    await expect(loading).rejects.toMatchObject({
      code: 'STREAMS_OWN_CODE',
      message: expect.stringMatching(problem) as unknown,
    });
  });
});

type Context = Parameters<KeyedOwnCode['process']>[1];
