import { describe, expect, it } from '@jest/globals';
import { Settling } from './settling.ts';

const collecting = () => {
  const settled: string[] = [];
  const make = () =>
    new Settling<{ n: string }>({ trackChanges: true }, ({ n }) => {
      settled.push(n);
    });
  return { settled, make };
};

describe('settling', () => {
  it('lets the newest of each result go, once, in the order of their times', () => {
    const { settled, make } = collecting();
    const settling = make();
    settling.put('a', 0, { dueMs: 20, row: { n: 'a0' } });
    settling.put('a', 10, { dueMs: 10, row: { n: 'a10' } });
    settling.put('a', 0, { dueMs: 30, row: { n: 'a0 again' } });
    settling.put('b', 0, { dueMs: 15, row: { n: 'b0' } });
    settling.remove('b', 0);
    settling.remove('c', 7);
    settling.advanceWatermark(10);
    expect(settled).toEqual([]);
    settling.advanceWatermark(11);
    expect(settled).toEqual(['a10']);
    settling.advanceWatermark(30);
    expect(settled).toEqual(['a10']);
    settling.advanceWatermark(Infinity);
    expect(settled).toEqual(['a10', 'a0 again']);
    expect(settling.keyCount).toBe(0);
  });

  it('goes on from its changes as if nothing had happened', () => {
    const { settled, make } = collecting();
    const before = make();
    const chunks: Uint8Array[] = [];
    const drain = () => before.drainChanges((_, bytes) => chunks.push(bytes.slice()));
    before.put('a', 0, { dueMs: 20, row: { n: 'gone' } });
    before.put('b', 0, { dueMs: 20, row: { n: 'b' } });
    drain();
    before.remove('a', 0);
    before.advanceWatermark(5);
    drain();
    const after = make();
    for (const chunk of [...chunks, before.saveMeta()]) after.restore(chunk);
    expect(after.watermark).toBe(5);
    after.advanceWatermark(21);
    expect(settled).toEqual(['b']);
  });
});
