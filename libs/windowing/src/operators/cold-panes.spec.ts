import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keysOfOneRow } from '../../test/keys-of-one-row.ts';
import { overflowInMaps } from '../../test/rows-in-map.ts';
import type { AlignedWindow, Operator, OperatorOptions, SessionWindow } from '../index.ts';
import {
  calendar,
  collect,
  count,
  createOperator,
  cumulative,
  globalWindow,
  hopping,
  quantile,
  session,
  sliding,
  sum,
  tumbling,
  WindowingError,
} from '../index.ts';

interface Row {
  value: number;
}

type Step =
  | { readonly kind: 'event'; readonly key: string; readonly t: number; readonly value: number }
  | { readonly kind: 'partial' | 'commit' | 'spill' | 'spill idle' | 'read' | 'read key' | 'move' };

const aggregates = { values: collect('value'), total: sum('value'), n: count(), p: quantile('value', 0.5) };

/** An operator as the runtime uses it: what it gave, its changelog, and what was asked of it. */
function run(
  options: Partial<OperatorOptions<Row>> & { window: AlignedWindow | SessionWindow<Row> },
  { steps, isCold }: { steps: readonly Step[]; isCold: boolean },
) {
  const told: string[][] = [[]];
  const tell = (what: string, thing: unknown) => told.at(-1)!.push(`${what} ${JSON.stringify(thing)}`);
  const changelog = new Map<number, Uint8Array[]>();
  let meta = new Uint8Array();
  const overflow = overflowInMaps();
  const operator: Operator<Row> = createOperator<Row>(
    { aggregates, trackChanges: true, ...options, ...(isCold && { overflow }) },
    {
      onResult: (result) => tell('result', result),
      onLate: (late) => tell('late', late),
      onBucketClosed: (bucket) => void changelog.delete(bucket),
    },
  );
  const commit = () => {
    operator.drainUpdates();
    operator.drainChanges((bucket, bytes) => {
      changelog.set(bucket, [...(changelog.get(bucket) ?? []), bytes.slice()]);
    });
    meta = operator.saveMeta();
  };
  const row = { value: 0 };
  let last = 0;
  for (const step of steps) {
    // Within one step the order of keys is free.
    told.push([]);
    if (step.kind === 'event') {
      row.value = step.value;
      last = step.t;
      operator.add(step.key, step.t, row);
    } else if (step.kind === 'commit') commit();
    else if (step.kind === 'spill') {
      commit();
      operator.overflowed?.spill('all');
    } else if (step.kind === 'spill idle') {
      commit();
      operator.overflowed?.spill('idle');
    } else if (step.kind === 'read') operator.read({}, (result) => tell('read', result));
    else if (step.kind === 'read key')
      operator.read({ key: keysOfOneRow[0], fromMs: last }, (result) => tell('read', result));
    else if (step.kind === 'move') operator.advanceWatermark(last);
  }
  commit();
  told.push([]);
  const read = (from: Operator<Row>) => {
    const rows: string[] = [];
    from.read({}, (result) => rows.push(JSON.stringify(result)));
    return rows.sort();
  };
  /** What comes of the changelog, in memory or with most of it outside. */
  const restored = (isToBeCold: boolean): Operator<Row> => {
    const into = overflowInMaps(() => fresh.overflowed?.spill('all'));
    const fresh: Operator<Row> = createOperator<Row>(
      { aggregates, trackChanges: true, ...options, ...(isToBeCold && { overflow: into }) },
      { onResult: () => undefined },
    );
    for (const chunks of changelog.values()) for (const bytes of chunks) fresh.restore(bytes);
    if (meta.length > 0) fresh.restore(meta);
    return fresh;
  };
  const whole = read(operator);
  const snapshot = createOperator<Row>({ aggregates, ...options }, { onResult: () => undefined });
  snapshot.restore(operator.snapshot());
  const copies = [read(restored(false)), read(restored(true)), read(snapshot)];
  operator.finish();
  const { counters } = operator;
  return { told: told.map((one) => one.sort()), whole, copies, counters, operator, overflow };
}

const windows: fc.Arbitrary<AlignedWindow | SessionWindow<Row>> = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 15 }).map((gapMs) => session({ gapMs })) },
  fc.integer({ min: 1, max: 20 }).map((sizeMs) => tumbling({ sizeMs })),
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
    .map(([n, m]) => hopping({ sizeMs: n * m, advanceMs: n })),
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
    .map(([n, m]) => cumulative({ maxSizeMs: n * m, stepMs: n })),
  fc.constant(calendar({ unit: 'day', timeZone: 'Europe/Berlin' })),
  fc.constant(globalWindow()),
);

const event = fc.record({
  kind: fc.constant('event' as const),
  key: fc.constantFrom(...keysOfOneRow, 'a', 'ü', '🙂', '\ud800'),
  t: fc.integer({ min: -30, max: 60 }),
  value: fc.integer({ min: -100, max: 100 }),
});
const other = fc
  .constantFrom('commit', 'spill', 'spill', 'spill idle', 'read', 'read key', 'move')
  .map((kind) => ({ kind }) as Step);
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: event }, other), { maxLength: 60 });

describe('windows whose cells are partly outside of memory', () => {
  it('give the same results, late events, answers and changelog as those that are all in memory', () => {
    fc.assert(
      fc.property(
        windows,
        fc.constantFrom('onClose' as const, 'onUpdate' as const),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 20 }),
        steps,
        (window, emit, outOfOrderMs, graceMs, script) => {
          const options = { window, emit, outOfOrderMs, graceMs };
          const warm = run(options, { steps: script, isCold: false });
          const cold = run(options, { steps: script, isCold: true });
          expect(cold.told).toEqual(warm.told);
          expect(cold.whole).toEqual(warm.whole);
          expect(cold.counters).toEqual(warm.counters);
          for (const copy of [...warm.copies, ...cold.copies]) expect(copy).toEqual(warm.whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('take as much memory as there is in memory, and drop the rows of panes that are gone', () => {
    const overflow = overflowInMaps();
    const operator = createOperator<Row>(
      { window: tumbling({ sizeMs: 1000 }), aggregates: { n: count() }, overflow },
      { onResult: () => undefined },
    );
    const row = { value: 1 };
    let most = 0;
    for (let i = 0; i < 50_000; i++) {
      operator.add(`key ${i}`, i % 1000, row);
      if (i % 5000 !== 4999) continue;
      most = Math.max(most, operator.overflowed!.memoryBytes);
      operator.overflowed!.spill('all');
      expect(operator.overflowed!.memoryBytes).toBeLessThan(400_000);
    }
    expect(most).toBeLessThan(5000 * 250 + 400_000);
    expect(operator.keyCount).toBe(0);
    expect(operator.overflowed!.spilled).toBe(50_000);
    operator.finish();
    expect(operator.counters.results).toBe(50_000);
    expect(overflow.opened.map(({ isDropped }) => isDropped)).toEqual([true]);
  });

  it('are sessions that come back with their key or when they are due, and only those that rest go', () => {
    const overflow = overflowInMaps();
    const results: unknown[] = [];
    const operator = createOperator<Row>(
      {
        window: session({ gapMs: 1_000 }),
        aggregates: { n: count() },
        outOfOrderMs: 10_000,
        trackChanges: true,
        overflow,
      },
      { onResult: ({ key, n }) => results.push([key, n]) },
    );
    const commit = () => operator.drainChanges(() => undefined);
    const row = { value: 1 };
    for (let i = 0; i < 20_000; i++) operator.add(`key ${i}`, i % 1_000, row);
    const before = operator.overflowed!.memoryBytes;
    commit();
    operator.add('key 7', 8, row);
    commit();
    operator.overflowed!.spill('idle');
    expect([operator.keyCount, operator.windowCount]).toEqual([1, 20_000]);
    operator.overflowed!.spill('all');
    expect([operator.keyCount, operator.windowCount]).toEqual([0, 20_000]);
    expect(operator.overflowed!.memoryBytes).toBeLessThan(before / 100);
    operator.add('key 9', 10, row);
    expect([operator.keyCount, operator.overflowed!.loaded]).toEqual([1, 1]);
    operator.advanceWatermark(1_500);
    expect(results).toHaveLength(10_000);
    operator.finish();
    expect(results).toHaveLength(20_000);
    expect(Object.fromEntries(results as [string, number][])).toMatchObject({
      'key 7': 2,
      'key 8': 1,
      'key 9': 2,
    });
    expect(overflow.openedKeys[0]!.rows.size).toBe(0);
  });

  it('leave panes that go on changing in memory when only idle ones are asked for', () => {
    const overflow = overflowInMaps();
    const operator = createOperator<Row>(
      {
        window: tumbling({ sizeMs: 10 }),
        aggregates: { n: count() },
        outOfOrderMs: 100,
        overflow,
        trackChanges: true,
      },
      { onResult: () => undefined },
    );
    const commit = () => operator.drainChanges(() => undefined);
    operator.add('a', 5, { value: 1 });
    commit();
    operator.add('a', 15, { value: 1 });
    operator.overflowed!.spill('all');
    expect(overflow.opened).toHaveLength(1);
    commit();
    operator.overflowed!.spill('idle');
    expect(overflow.opened).toHaveLength(1);
    commit();
    operator.overflowed!.spill('idle');
    expect(overflow.opened).toHaveLength(2);
  });

  it.each([
    { window: sliding({ sizeMs: 5 }) },
    { window: session({ gapMs: 5 }), emit: { everyEvents: 2 } },
    { window: tumbling({ sizeMs: 5 }), emit: { everyEvents: 2 } },
    { window: tumbling({ sizeMs: 5 }), maxResultsPerCall: 5 },
  ] as const)('are refused where their state cannot be outside: %j', (options) => {
    const build = () =>
      createOperator<Row>(
        { aggregates: {}, ...options, overflow: overflowInMaps() },
        { onResult: () => undefined },
      );
    expect(build).toThrow(WindowingError);
    expect(build).toThrow('leave overflow out');
  });
});
