import { describe, expect, it } from '@jest/globals';
import { frameId, putFrame } from './framing.ts';

describe('framing', () => {
  it('reads back every id, up to the greatest', () => {
    for (const id of [0, 1, 255, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = Buffer.alloc(9, 0xaa);
      expect(putFrame(bytes, 2, id)).toBe(7);
      expect(frameId(bytes, 2, 7)).toBe(id);
    }
  });

  it('gives −1 for what is not framed', () => {
    expect(frameId(Buffer.from([1, 0, 0, 0, 1, 9]), 0, 6)).toBe(-1);
    expect(frameId(Buffer.from([0, 0, 0, 0, 1]), 0, 4)).toBe(-1);
    expect(frameId(Buffer.alloc(0), 0, 0)).toBe(-1);
  });
});
