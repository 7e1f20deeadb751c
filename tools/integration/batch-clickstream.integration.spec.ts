import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clickstream, shoppers } from '@millrace/pipelines';
import { connectRegistry, createWriter, UserClickstreamSchema } from '@millrace/schemas';
import { openStorage } from '@millrace/storage';
import { viewTable } from '@millrace/streams';
import { type BatchScene, startBatchScene } from './batch-scene.ts';
import { eventually } from './child-system.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
// What closes its windows is past too.
const dayBeforeMs = Math.floor(Date.now() / dayMs) * dayMs - 2 * dayMs;
const day = new Date(dayBeforeMs).toISOString().slice(0, 10);
const topic = 'user_clickstream';
const partitions = 4;

let scene: BatchScene;
beforeAll(async () => {
  scene = await startBatchScene('clickstream');
}, 60_000);
afterAll(() => scene?.stop());

describe('npm run batch -- clickstream', () => {
  it('computes sessions, and the views of them, as they were computed live', async () => {
    const registry = connectRegistry({ url: scene.registryUrl });
    const subject = `${topic}-value`;
    const writer = await createWriter({
      registry,
      subject,
      schema: UserClickstreamSchema,
      autoRegister: true,
    });
    const burst = {
      fromMs: dayBeforeMs + 19 * hourMs,
      toMs: dayBeforeMs + 19 * hourMs + 180_000,
      area: null,
      share: 1,
    };
    const shop = shoppers({ seed: 11, eventsPerSecond: 0.4, bursts: () => [burst] });
    const events = shop.between(dayBeforeMs + 17 * hourMs, dayBeforeMs + 20 * hourMs);
    // On each partition an event of the next day, by which this one is over.
    const closing = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      value: writer.write({ ...events[0]!, event_time: dayBeforeMs + 36 * hourMs }),
    }));
    const messages = events.map((event) => ({ key: event.user_id, value: writer.write(event) }));
    await scene.send(topic, messages);
    await scene.send(topic, closing);
    await scene.untilInLake(topic, events.length + partitions);

    const storage = await openStorage(`sqlite:${join(scene.directory, 'serving.db')}`);
    const within = { fromMs: dayBeforeMs, toMs: dayBeforeMs + dayMs };
    const sessions = await eventually('the sessions of the day are final in the store', async () => {
      const rows = await storage.read(viewTable(clickstream, 'shopping_sessions'), within);
      const counted = rows.reduce((sum, row) => sum + (row['events'] as number), 0);
      return counted === events.length && rows.every(({ state }) => state === 'final') ? rows : undefined;
    });
    await storage.close();

    // The views of sessions may still be on their way.
    const deadline = performance.now() + 60_000;
    let result = await scene.batch('clickstream', '--day', day);
    while (result.status !== 0 && performance.now() < deadline)
      result = await scene.batch('clickstream', '--day', day);
    expect(result.output).toMatch(/\nequal\n$/);
    expect(result.status).toBe(0);
    expect(result.output).toMatch(new RegExp(`shopping_sessions +(${sessions.length} +){3}0 +0 +0`));
    for (const view of ['error_spikes', 'shopping_paths', 'shopper_engagement', 'crawlers'])
      expect(result.output).toMatch(new RegExp(`${view} +[1-9]`));
  }, 180_000);
});
