import { describe, expect, it } from '@jest/globals';
import { groupKeyCodec, partitionOfKey } from './group-key.ts';

describe('a group key', () => {
  const codec = groupKeyCodec([
    { name: 'a', type: 'string' },
    { name: 'b', type: 'long' },
    { name: 'c', type: 'json' },
    { name: 'd', type: 'boolean' },
  ]);

  it('comes back as the columns it was made of, whatever is in them', () => {
    for (const a of ['', 'x', '\u001f', '\u0010s', '\u0010\u001fe', 'ü'])
      expect(codec.decode(codec.encode({ a, b: -3, c: { x: [a] }, d: true })!)).toEqual([
        a,
        -3,
        { x: [a] },
        true,
      ]);
  });

  it('is different for different columns', () => {
    const pair = groupKeyCodec([
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string' },
    ]);
    expect(pair.encode({ a: 'x\u001f', b: 'y' })).not.toBe(pair.encode({ a: 'x', b: '\u001fy' }));
  });

  it('is not there when a column is null', () => {
    expect(codec.encode({ a: 'x', b: null, c: 1, d: false })).toBeUndefined();
    expect(groupKeyCodec([{ name: 'a', type: 'string' }]).encode({})).toBeUndefined();
  });

  it('is the empty text when there is one group', () => {
    expect(groupKeyCodec([]).encode({})).toBe('');
  });
});

describe('the partition of a key', () => {
  it('never changes, because state lies by it', () => {
    expect(['', 'a', 'user-1', '/index.html', 'ü'].map((key) => partitionOfKey(key, 64)))
      .toMatchInlineSnapshot(`
      [
        1,
        7,
        55,
        46,
        33,
      ]
    `);
  });

  it('spreads keys evenly', () => {
    const counts = new Array<number>(8).fill(0);
    for (let at = 0; at < 8_000; at++) counts[partitionOfKey(`user-${at}`, 8)]!++;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});
