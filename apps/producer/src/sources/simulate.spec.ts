import { describe, expect, it } from '@jest/globals';
import { simulate } from './simulate.ts';
import type { SourcePosition } from './source.ts';

async function take(count: number, position?: SourcePosition) {
  const stop = new AbortController();
  const items: string[] = [];
  let last = position;
  let clockMs = 0;
  const source = simulate({
    name: 'w',
    what: 'things',
    perSecond: 1000,
    seed: 7,
    make: (seed, index) => `${seed}:${index}`,
    now: () => (clockMs += 10),
  });
  for await (const batch of source.open(position, stop.signal, new Map())) {
    items.push(...batch.items);
    last = batch.position;
    if (items.length >= count) stop.abort();
  }
  return { items, position: last };
}

describe('simulate', () => {
  it('makes item after item, and goes on behind its position', async () => {
    const first = await take(20);
    const second = await take(20, first.position);
    const all = [...first.items, ...second.items];
    expect(all).toEqual(all.map((_, index) => `7:${index}`));
  });
});
