import { describe, expect, it } from '@jest/globals';
import { solve } from './solve.ts';

describe('solve', () => {
  it('finds the one solution', () => {
    const a = [
      [4, 2, 1],
      [2, 5, 3],
      [1, 3, 6],
    ];
    const b = a.map(([p, q, r]) => p! * 1 + q! * -2 + r! * 3);
    const found = solve(
      a.map((row) => Float64Array.from(row)),
      Float64Array.from(b),
    );
    [1, -2, 3].forEach((x, at) => expect(found[at]).toBeCloseTo(x, 12));
  });

  it('refuses equations with none or many', () => {
    expect(() => solve([Float64Array.of(1, 1), Float64Array.of(1, 1)], Float64Array.of(1, 2))).toThrow(
      /no single/,
    );
  });
});
