import { expect } from '@jest/globals';
import type { Child } from './child.ts';
import { RegistryApi, textOf, versionsPath } from './registry-api.ts';

export interface CrashTrial {
  readonly rounds: number;
  readonly seed: number;
  start(): Promise<Child>;
}

interface Acknowledged {
  readonly subject: string;
  readonly schema: string;
  readonly id: number;
}

/**
 * Registers schemas from several clients at once, deletes some for good, and kills the process in the midst of it;
 * then again. Afterwards every acknowledged schema is there, and no id was ever given to two schemas.
 */
export async function crashTrial({ rounds, seed, start }: CrashTrial): Promise<number> {
  const random = randomOf(seed);
  const acknowledged: Acknowledged[] = [];
  const schemaOfId = new Map<number, string>();
  const gone = new Set<string>();
  let count = 0;
  const work = async (api: RegistryApi, client: number) => {
    for (;;) {
      const subject = `crash-${seed}-${client}-${count++}`;
      const schema = textOf({ type: 'fixed', name: `F${seed}_${count++}`, size: 4 });
      const { id } = await api.ok<{ id: number }>('POST', versionsPath(subject), { schema });
      expect([id, schemaOfId.get(id) ?? schema]).toEqual([id, schema]);
      schemaOfId.set(id, schema);
      acknowledged.push({ subject, schema, id });
      if (random() < 0.3) {
        gone.add(subject);
        await api.ok('DELETE', `/subjects/${subject}`);
        await api.ok('DELETE', `/subjects/${subject}?permanent=true`);
      }
    }
  };
  for (let round = 0; round < rounds; round++) {
    const child = await start();
    const api = new RegistryApi(child.url);
    const before = acknowledged.length;
    const clients = [0, 1, 2, 3].map((client) => work(api, client));
    const ends = Promise.allSettled(clients);
    const target = before + 1 + Math.floor(random() * 40);
    while (acknowledged.length < target) await new Promise((resolve) => setImmediate(resolve));
    await child.kill();
    for (const end of await ends) {
      // The connection broke; anything else is a wrong answer.
      if (end.status === 'rejected') expect((end.reason as Error).name).toBe('TypeError');
    }
  }
  const child = await start();
  const api = new RegistryApi(child.url);
  for (const { subject, schema, id } of acknowledged) {
    if (gone.has(subject)) continue;
    expect(await api.ok('POST', `/subjects/${subject}`, { schema })).toMatchObject({ id, version: 1 });
    expect(await api.ok('GET', `/schemas/ids/${id}`)).toEqual({ schema });
  }
  await child.kill();
  return acknowledged.length;
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
