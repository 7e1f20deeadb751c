import { describe, expect, it } from '@jest/globals';
import { ReusedBuffers } from './reused-buffers.ts';

const mebibyte = 1024 * 1024;

describe('memory that is used again', () => {
  it('is the least that is large enough of what was given back, or new', () => {
    const buffers = new ReusedBuffers();
    const [small, large] = [buffers.take(100), buffers.take(3 * mebibyte)];
    expect([small.length, large.length]).toEqual([64 * 1024, 4 * mebibyte]);
    buffers.give(large);
    buffers.give(small);
    expect(buffers.take(64 * 1024)).toBe(small);
    expect(buffers.take(1)).toBe(large);
    expect(buffers.take(1)).not.toBe(large);
  });

  it('is let go of when there is more of it than answers need', () => {
    const buffers = new ReusedBuffers();
    const taken = Array.from({ length: 3 }, () => buffers.take(32 * mebibyte));
    for (const buffer of taken) buffers.give(buffer);
    const again = Array.from({ length: 3 }, () => buffers.take(32 * mebibyte));
    expect(taken.map((buffer) => again.includes(buffer))).toEqual([false, true, true]);
  });
});
