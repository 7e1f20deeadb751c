import { describe, expect, it } from '@jest/globals';
import { KeyedValues } from './keyed-values.ts';

const collecting = () => {
  const fired: string[] = [];
  const make = () =>
    new KeyedValues({ trackChanges: true }, (key, name, dueMs) => {
      fired.push(`${key}.${name}@${dueMs}`);
    });
  return { fired, make };
};
const kept = (values: Record<string, string | number>, timers: Record<string, number> = {}) => ({
  values: new Map(Object.entries(values)),
  timers: new Map(Object.entries(timers)),
});

describe('values and timers of keys', () => {
  it('fires each timer once, in the order of their times, when the watermark has reached it', () => {
    const { fired, make } = collecting();
    const state = make();
    state.put('a', kept({}, { late: 30, early: 10 }));
    state.put('b', kept({ n: 1 }, { only: 20 }));
    state.advanceWatermark(9);
    expect(fired).toEqual([]);
    state.advanceWatermark(20);
    expect(fired).toEqual(['a.early@10', 'b.only@20']);
    expect(state.of('b')).toEqual(kept({ n: 1 }));
    state.put('b', kept({}));
    expect(state.keyCount).toBe(1);
    state.advanceWatermark(Infinity);
    expect(fired).toEqual(['a.early@10', 'b.only@20', 'a.late@30']);
    expect(state.keyCount).toBe(0);
  });

  it('forgets timers that were moved or taken back, by other timers too', () => {
    const fired: string[] = [];
    const state = new KeyedValues({}, (key, name, dueMs) => {
      fired.push(`${name}@${dueMs}`);
      if (name === 'first') state.put(key, kept({}, { again: dueMs + 5 }));
    });
    state.put('a', kept({}, { first: 10, second: 10, moved: 10 }));
    state.put('a', kept({}, { first: 10, second: 10, moved: 40 }));
    state.advanceWatermark(100);
    expect(fired).toEqual(['first@10', 'again@15']);
  });

  it('goes on from its changes, and from a snapshot, as if nothing had happened', () => {
    const { fired, make } = collecting();
    const before = make();
    const chunks: Uint8Array[] = [];
    const drain = () => before.drainChanges((_, bytes) => chunks.push(bytes.slice()));
    before.put('a', kept({ n: 1, text: 'x' }, { t: 50 }));
    before.put('gone', kept({ n: 2 }));
    drain();
    before.put('a', kept({ n: 3, text: 'x' }, { t: 60 }));
    before.put('gone', kept({}));
    before.advanceWatermark(5);
    drain();
    const fromChanges = make();
    for (const chunk of [...chunks, before.saveMeta()]) fromChanges.restore(chunk);
    const fromSnapshot = make();
    fromSnapshot.restore(before.snapshot());
    for (const after of [fromChanges, fromSnapshot]) {
      expect(after.watermark).toBe(5);
      expect(after.of('a')).toEqual(kept({ n: 3, text: 'x' }, { t: 60 }));
      expect(after.keyCount).toBe(1);
      after.advanceWatermark(60);
      expect(fired.splice(0)).toEqual(['a.t@60']);
    }
  });
});
