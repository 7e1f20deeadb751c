import { describe, expect, it } from '@jest/globals';
import { gatherParts } from './gather-parts.ts';

describe('the parts of a request', () => {
  it('are written from where they lie when they are long, neighbouring short ones as one', () => {
    const [long, longer] = [Buffer.alloc(16_384, 'l'), Buffer.alloc(100_000, 'L')];
    const parts = [Buffer.from('a'), Buffer.from('b'), long, longer, Buffer.from('c')];
    const gathered = gatherParts(parts);
    expect(Buffer.concat(gathered).equals(Buffer.concat(parts))).toBe(true);
    expect(gathered).toHaveLength(4);
    expect(gathered[1]).toBe(long);
    expect(gathered[2]).toBe(longer);
  });
});
