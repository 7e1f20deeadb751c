import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { reserveVictim } from './crash/victim.ts';
import { idempotentWriter, tableWriter, transactionalWriter, type Writer } from './crash/writers.ts';
import { createTopic } from './log-client.ts';
import { WireClient } from './wire-client.ts';

/** How often the broker is killed, and the seed of the moments; CI kills 200 times. */
const crashes = Number(process.env['MILLRACE_CRASHES'] ?? 6);
const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1_000_000);
const LONGEST_ROUND_MS = 250;

describe('a broker that is killed in the middle of its work', () => {
  it(
    `has every acknowledged record once and shows no aborted one, after ${crashes} kills (seed ${seed})`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'millrace-crash-'));
      const random = generator(seed);
      const writers = [
        idempotentWriter('plain'),
        transactionalWriter('pairs', 'readers'),
        tableWriter('table'),
      ];
      let reserve = reserveVictim(folder);
      let victim = await reserve.start();
      await createTopics(victim.broker);
      try {
        for (let crash = 1; crash <= crashes; crash++) {
          reserve = reserveVictim(folder);
          const working = writers.map((writer) => work(writer, victim.broker));
          await pause(random() * LONGEST_ROUND_MS);
          await victim.kill();
          await Promise.all(working);
          victim = await reserve.start();
          const client = await WireClient.connect(victim.broker);
          for (const writer of writers) {
            await writer.check(client).catch((cause: Error) => {
              throw new Error(`crash ${crash} of seed ${seed}: ${cause.message}`, { cause });
            });
          }
          client.close();
        }
      } finally {
        await reserve.discard();
        await victim.kill();
      }
      expect(crashes).toBeGreaterThan(0);
      rmSync(folder, { recursive: true });
    },
    20_000 + crashes * 5_000,
  );
});

async function createTopics(broker: string): Promise<void> {
  const client = await WireClient.connect(broker);
  const configs = { 'cleanup.policy': 'compact' };
  expect(await createTopic(client, 'plain')).toBe(0);
  expect(await createTopic(client, 'pairs', { partitions: 2 })).toBe(0);
  expect(await createTopic(client, 'table', { configs })).toBe(0);
  client.close();
}

/** Resolves when the connection breaks; rejects when the writer finds something wrong before. */
async function work(writer: Writer, broker: string): Promise<void> {
  const client = await WireClient.connect(broker);
  try {
    await writer.run(client);
  } catch (error) {
    if (client.isOpen) throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Mulberry32. */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
