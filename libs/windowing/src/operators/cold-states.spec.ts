import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keysOfOneRow } from '../../test/keys-of-one-row.ts';
import { overflowInMaps } from '../../test/rows-in-map.ts';
import { KeyedValues, Settling, StreamJoin, TableJoin } from '../index.ts';
import type { Overflow, Overflowed } from '../index.ts';
import { KEY_GROUPS } from '../state/key-table.ts';

type Step =
  | { readonly kind: 'feed'; readonly key: string; readonly t: number; readonly way: number }
  | { readonly kind: 'move'; readonly t: number }
  | { readonly kind: 'commit' | 'spill' | 'spill idle' };

/** What all operators that keep one state a key have in common. */
interface Subject {
  readonly operator: {
    readonly overflowed: Overflowed | undefined;
    drainChanges(write: (bucket: number, bytes: Uint8Array) => void): void;
    snapshotBuckets(write: (bucket: number, bytes: Uint8Array) => void): void;
    snapshotBucket(bucket: number, write: (bucket: number, bytes: Uint8Array) => void): void;
    snapshot(): Uint8Array;
    saveMeta(): Uint8Array;
    restore(bytes: Uint8Array): void;
  };
  feed(step: Step & { readonly kind: 'feed' }): void;
  move(t: number): void;
}
type Make = (tell: (thing: unknown) => void, overflow: Overflow | undefined) => Subject;

const common = { partitions: [0], watermarks: 'explicit', trackChanges: true } as const;
const subjects: [string, Make][] = [
  [
    'stream joins',
    (tell, overflow) => {
      const options = { ...common, type: 'outer', beforeMs: 8, afterMs: 5, graceMs: 2 } as const;
      const operator = new StreamJoin(
        { ...options, ...(overflow && { overflow }) },
        { onRow: tell, onLate: tell },
      );
      return {
        operator,
        feed: ({ key, t, way }) => void operator[way % 2 === 0 ? 'addLeft' : 'addRight'](key, t, { t, way }),
        move: (t) => ['left', 'right'].forEach((side) => operator.advanceSide(side as 'left', t)),
      };
    },
  ],
  [
    'table joins',
    (tell, overflow) => {
      const options = { ...common, type: 'left', versioned: { historyMs: 10 } } as const;
      const operator = new TableJoin(
        { ...options, ...(overflow && { overflow }) },
        { onRow: tell, onLate: tell },
      );
      return {
        operator,
        feed: ({ key, t, way }) =>
          void (way % 3 === 0
            ? operator.add(key, t, { t })
            : operator.upsert(key, t, way % 3 === 1 ? null : { t, way })),
        move: (t) => ['stream', 'table'].forEach((side) => operator.advanceSide(side as 'table', t)),
      };
    },
  ],
  [
    'results that settle',
    (tell, overflow) => {
      const operator = new Settling({ ...common, ...(overflow && { overflow }) }, tell);
      return {
        operator,
        feed: ({ key, t, way }) =>
          way % 3 === 0
            ? operator.remove(key, t)
            : operator.put(key, t, { dueMs: t + way, row: { key, t, way } }),
        move: (t) => operator.advanceWatermark(t),
      };
    },
  ],
  [
    'values and timers',
    (tell, overflow) => {
      const operator = new KeyedValues({ ...common, ...(overflow && { overflow }) }, (key, name, dueMs) => {
        tell({ key, name, dueMs });
        const { values, timers } = operator.of(key);
        operator.put(key, { values: new Map([...values, [name, dueMs]]), timers });
      });
      return {
        operator,
        feed: ({ key, t, way }) => {
          const { values, timers } = operator.of(key);
          tell([...values]);
          if (way === 0) operator.put(key, { values: new Map(), timers: new Map() });
          else operator.put(key, { values, timers: new Map([...timers, [`timer ${way}`, t + way]]) });
        },
        move: (t) => operator.advanceWatermark(t),
      };
    },
  ],
];

function run(make: Make, steps: readonly Step[], isCold: boolean) {
  const told: string[][] = [[]];
  const tell = (thing: unknown) => void told.at(-1)!.push(JSON.stringify(thing));
  const subject = make(tell, isCold ? overflowInMaps() : undefined);
  const { operator } = subject;
  const changelog: Uint8Array[] = [];
  const commit = () => operator.drainChanges((_, bytes) => changelog.push(bytes.slice()));
  for (const step of steps) {
    // Of what is due at one time the order is free.
    told.push([]);
    if (step.kind === 'feed') subject.feed(step);
    else if (step.kind === 'move') subject.move(step.t);
    else commit();
    if (step.kind === 'spill') operator.overflowed?.spill('all');
    else if (step.kind === 'spill idle') operator.overflowed?.spill('idle');
  }
  commit();
  const whole: Uint8Array[] = [];
  operator.snapshotBuckets((_, bytes) => whole.push(bytes.slice()));
  const byGroup: Uint8Array[] = [];
  for (let group = 0; group < KEY_GROUPS; group++)
    operator.snapshotBucket(group, (_, bytes) => byGroup.push(bytes.slice()));
  const meta = operator.saveMeta();
  const end = (of: Subject) => {
    told.push([]);
    of.move(1_000);
    return told.at(-1)!.sort();
  };
  const restored = [changelog, whole, byGroup, [operator.snapshot()]].flatMap((pieces) =>
    [false, true].map((isToBeCold) => {
      const overflow = overflowInMaps(() => copy.operator.overflowed?.spill('all'));
      const copy: Subject = make(tell, isToBeCold ? overflow : undefined);
      for (const bytes of [...pieces, meta]) copy.operator.restore(bytes);
      return end(copy);
    }),
  );
  const ended = told.slice(0, steps.length + 1).map((one) => one.sort());
  return { told: ended, last: end(subject), restored };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('feed' as const),
      key: fc.constantFrom(...keysOfOneRow, 'a', 'b', 'ü'),
      t: fc.integer({ min: -20, max: 60 }),
      way: fc.integer({ min: 0, max: 5 }),
    }),
  },
  fc.record({ kind: fc.constant('move' as const), t: fc.integer({ min: -20, max: 60 }) }),
  fc.constantFrom('commit', 'spill', 'spill', 'spill idle').map((kind) => ({ kind }) as Step),
);

describe('states of keys that are partly outside of memory', () => {
  it.each(subjects)('give the same as those that are all in memory: %s', (_, make) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const warm = run(make, steps, false);
        const cold = run(make, steps, true);
        expect(cold.told).toEqual(warm.told);
        expect(cold.last).toEqual(warm.last);
        for (const copy of [...warm.restored, ...cold.restored]) expect(copy).toEqual(warm.last);
      }),
      { numRuns: 150 },
    );
  });

  it('come back in the order in which they are due, however many there are', () => {
    const fired: number[] = [];
    const operator = new KeyedValues({ ...common, overflow: overflowInMaps() }, (_, __, dueMs) =>
      fired.push(dueMs),
    );
    const keys = 5_000;
    for (let i = 0; i < keys; i++)
      operator.put(`key ${i}`, { values: new Map(), timers: new Map([['', (i * 7) % keys]]) });
    const before = operator.overflowed!.memoryBytes;
    operator.drainChanges(() => undefined);
    operator.overflowed!.spill('all');
    expect(operator.keyCount).toBe(0);
    expect(operator.overflowed!.memoryBytes).toBeLessThan(before / 100);
    operator.advanceWatermark(keys);
    expect(fired).toEqual(Array.from({ length: keys }, (_, at) => at));
    expect(operator.overflowed).toMatchObject({ spilled: keys, loaded: keys });
  });
});
