import { describe, expect, it } from '@jest/globals';
import { KeyTable } from './key-table.ts';

/** A window of these keys comes and goes. */
function turn(table: KeyTable, keys: Iterable<number>): void {
  const ids = [...keys].map((key) => {
    const id = table.intern(key);
    table.retain(id);
    table.sweep(4);
    return id;
  });
  for (const id of ids) table.release(id);
  table.rotate();
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

describe('KeyTable', () => {
  it('keeps keys that come in every other window', () => {
    const table = new KeyTable();
    turn(table, range(0, 5_000));
    const id = table.find(7);
    turn(table, range(5_000, 10_000));
    turn(table, range(0, 5_000));
    expect(table.find(7)).toBe(id);
  });

  it('keeps keys that come in half of the windows at random', () => {
    const table = new KeyTable();
    const population = 20_000;
    let seed = 7;
    const window = () =>
      range(0, population).filter(() => {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        return (seed >>> 16) % 2 === 0;
      });
    for (let n = 0; n < 30; n++) turn(table, window());
    const ids = range(0, population).map((key) => table.find(key));
    for (let n = 0; n < 10; n++) turn(table, window());
    const kept = ids.filter((id, key) => id >= 0 && table.find(key) === id);
    expect(kept.length).toBeGreaterThan(0.99 * population);
  });

  it('holds no more than about three times the keys in use however many have come', () => {
    const table = new KeyTable();
    for (let window = 0; window < 100; window++) turn(table, range(window * 2_000, (window + 1) * 2_000));
    expect(table.size).toBeLessThanOrEqual(3 * 2_000 + 1_024);
    expect(table.find(199_999)).toBeGreaterThanOrEqual(0);
  });

  it('finds every string again, those that end alike and those that were dropped and came back included', () => {
    const table = new KeyTable();
    const names = range(0, 4_000).flatMap((n) => [`${n}`, `user-${n}-of-the-same-end`, `${n % 7}/${n}`]);
    const distinct = [...new Set(['', 'a', 'ab', 'abc', ...names])];
    const ids = new Map(distinct.map((name) => [name, table.intern(name)]));
    expect(new Set(ids.values()).size).toBe(distinct.length);
    for (const [name, id] of ids) {
      // Not the same object, as keys are that come out of a buffer.
      const again = Buffer.from(name).toString();
      if (table.intern(again) !== id || table.keyOf(id) !== name)
        throw new Error(`"${name}" has two numbers`);
    }
    table.clear();
    expect(table.intern('user-3-of-the-same-end')).toBe(0);
    expect(table.intern('user-2-of-the-same-end')).toBe(1);
    expect(table.intern('user-3-of-the-same-end')).toBe(0);
  });

  it('gives two keys in use never the same number', () => {
    const table = new KeyTable();
    for (let window = 0; window < 20; window++) {
      turn(table, range(window * 1_500, window * 1_500 + 3_000));
      const ids = range(0, (window + 2) * 1_500)
        .map((key) => table.find(key))
        .filter((id) => id >= 0);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('is not misled by hints, of which several keys have the same and a key has several', () => {
    const table = new KeyTable();
    const ids = new Map<string, number>();
    let seed = 11;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let n = 0; n < 20_000; n++) {
      const key = `user-${random(500)}`;
      const hint = [0, 1, random(500), 2 ** 16, 2 ** 20, 1 + Number(key.slice(5))][random(6)]!;
      const id = table.intern(key, hint);
      expect(id).toBe(ids.get(key) ?? id);
      ids.set(key, id);
    }
    expect(new Set(ids.values()).size).toBe(ids.size);
  });

  it('gives a key another number under the same hint when its first one has passed to another key', () => {
    const table = new KeyTable();
    const id = table.intern('first', 3);
    table.retain(id);
    table.release(id);
    table.dropUnused();
    expect(table.intern('second', 4)).toBe(id);
    expect(table.keyOf(table.intern('first', 3))).toBe('first');
    expect(table.keyOf(table.intern('second', 4))).toBe('second');
  });
});
