import { describe, expect, it } from '@jest/globals';
import { SeenIds } from './seen-ids.ts';

const at = (offset: number) => Promise.resolve({ topic: 't', partition: 0, offset });

describe('SeenIds', () => {
  it('remembers where the event of an id went, by topic, up to a bound', async () => {
    const seen = new SeenIds(2);
    for (const [index, id] of ['a', 'b', 'c'].entries()) seen.set('t', id, at(index));
    expect(seen.get('t', 'a')).toBeUndefined();
    expect(await seen.get('t', 'c')).toMatchObject({ offset: 2 });
    expect(seen.get('other', 'c')).toBeUndefined();
  });

  it('forgets an event that was not written', async () => {
    const seen = new SeenIds();
    seen.set('t', 'a', Promise.reject(new Error('broker away')));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.get('t', 'a')).toBeUndefined();
  });
});
