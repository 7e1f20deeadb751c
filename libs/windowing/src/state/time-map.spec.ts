import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TimeMap } from './time-map.ts';

describe('TimeMap', () => {
  it('holds what a Map holds, whatever is put in and taken out', () => {
    const time = fc.oneof(
      fc.integer({ min: -5, max: 5 }).map((n) => n * 700_000),
      fc.constantFrom(Infinity, -Infinity),
    );
    const step = fc.record({ time, value: fc.option(fc.nat(9)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const plain = new Map<number, number>();
        const grouped = new TimeMap<number>();
        for (const { time, value } of steps) {
          if (value === null) {
            plain.delete(time);
            grouped.delete(time);
          } else {
            plain.set(time, value);
            grouped.set(time, value);
          }
          expect(grouped.get(time)).toBe(plain.get(time));
          expect(grouped.size).toBe(plain.size);
        }
        expect(new Set(grouped.keys())).toEqual(new Set(plain.keys()));
        expect([...grouped.values()].sort()).toEqual([...plain.values()].sort());
      }),
    );
  });
});
