import { describe, expect, it } from '@jest/globals';
import type { Registry, SchemaById } from '../registry/registry.ts';
import { answersOf } from './registry-answers.ts';

const long: SchemaById = { schema: '"long"', schemaType: 'AVRO', references: [] };

/** A registry that knows id 1, and keeps what it was asked for. */
function registry(before: () => void = () => undefined) {
  const asked: number[] = [];
  const byId = async (id: number) => {
    asked.push(id);
    before();
    return id === 1 ? long : undefined;
  };
  return { asked, client: { byId } as unknown as Registry };
}

describe('the answers of a registry', () => {
  it('are asked for once for all readers of a client, also by readers that ask at the same time', async () => {
    const { asked, client } = registry();
    const now = () => 0;
    const both = await Promise.all([answersOf(client).byId(1, now), answersOf(client).byId(1, now)]);
    expect(both.map(({ found }) => found)).toEqual([long, long]);
    await answersOf(client).byId(1, () => 1e12);
    expect(asked).toEqual([1]);
  });

  it('that an id is unknown hold for a minute', async () => {
    const { asked, client } = registry();
    expect(await answersOf(client).byId(7, () => 0)).toEqual({ found: undefined, untilMs: 60_000 });
    expect(await answersOf(client).byId(7, () => 59_999)).toEqual({ found: undefined, untilMs: 60_000 });
    expect(asked).toEqual([7]);
    expect(await answersOf(client).byId(7, () => 60_000)).toEqual({ found: undefined, untilMs: 120_000 });
    expect(asked).toEqual([7, 7]);
  });

  it('that are errors are not kept', async () => {
    let isDown = true;
    const { asked, client } = registry(() => {
      if (isDown) throw new Error('down');
    });
    await expect(answersOf(client).byId(1, () => 0)).rejects.toThrow('down');
    isDown = false;
    expect((await answersOf(client).byId(1, () => 0)).found).toBe(long);
    expect(asked).toEqual([1, 1]);
  });
});
