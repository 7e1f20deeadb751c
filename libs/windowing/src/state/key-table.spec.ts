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

  it('holds no more than about twice the keys in use however many have come', () => {
    const table = new KeyTable();
    for (let window = 0; window < 100; window++) turn(table, range(window * 2_000, (window + 1) * 2_000));
    expect(table.size).toBeLessThanOrEqual(2 * 2_000 + 1_024);
    expect(table.find(199_999)).toBeGreaterThanOrEqual(0);
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
});
