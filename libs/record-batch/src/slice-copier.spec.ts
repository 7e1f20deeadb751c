import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SliceCopier } from './slice-copier.ts';

describe('SliceCopier', () => {
  it('copies any slice of any buffer, and nothing around it', () => {
    const sources = [1, 5, 70, 700].map((length) =>
      Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 0xff),
    );
    const inner = new Uint8Array(sources[3]!.buffer, 100, 300);
    const slices = fc.array(
      fc.tuple(fc.constantFrom(...sources, inner), fc.nat(700), fc.nat(700)).map(([source, a, b]) => {
        const [start, end] = [a % (source.length + 1), b % (source.length + 1)].sort((x, y) => x - y);
        return { source, start: start!, end: end! };
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(slices, (parts) => {
        const expected = Buffer.concat(parts.map(({ source, start, end }) => source.subarray(start, end)));
        const to = new Uint8Array(expected.length);
        const view = new DataView(to.buffer);
        const copier = new SliceCopier();
        let at = expected.length;
        // Back to front: what lies behind a copy stays.
        for (const { source, start, end } of parts.toReversed()) {
          at -= end - start;
          expect(copier.copy(source, start, end, to, view, at)).toBe(at + end - start);
        }
        expect(at).toBe(0);
        expect(expected.equals(to)).toBe(true);
      }),
    );
  });
});
