import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessLogEvent, seededRandom, simulatedRequest, webLogs } from '@millrace/pipelines';
import { AccessLogSchema, connectRegistry, createWriter } from '@millrace/schemas';
import { openStorage } from '@millrace/storage';
import { viewTable } from '@millrace/streams';
import { type BatchScene, startBatchScene } from './batch-scene.ts';
import { eventually } from './child-system.ts';

const dayMs = 86_400_000;
const seed = 11;
const events = 4_000;
// Within the views' retention.
const yesterdayMs = Math.floor(Date.now() / dayMs) * dayMs - dayMs;
const day = new Date(yesterdayMs).toISOString().slice(0, 10);

let scene: BatchScene;
beforeAll(async () => {
  scene = await startBatchScene('web-logs');
}, 60_000);
afterAll(() => scene?.stop());

/** Half of yesterday's hours and some of the day's around it, on all partitions, out of order within the bound. */
async function produce(): Promise<void> {
  const registry = connectRegistry({ url: scene.registryUrl });
  const writer = await createWriter({
    registry,
    subject: 'logs-value',
    schema: AccessLogSchema,
    autoRegister: true,
  });
  const fromMs = yesterdayMs - 60_000;
  const stepMs = (dayMs + 120_000) / events;
  const send = (index: number, timeMs: number) => ({
    partition: index % 4,
    value: writer.write(
      accessLogEvent(simulatedRequest(seed, index, timeMs), { text: `line ${index}`, simulated: true }),
    ),
  });
  const messages = Array.from({ length: events }, (_, index) => {
    const jitterMs = Math.floor(seededRandom(seed, index).next() * 900);
    return send(index, Math.floor((fromMs + index * stepMs + jitterMs) / 1000) * 1000);
  });
  await scene.send('logs', messages);
  // Closes yesterday's windows on every partition.
  const endMs = Math.min(fromMs + dayMs + 240_000, Date.now());
  await scene.send(
    'logs',
    [0, 1, 2, 3].map((at) => send(at, endMs)),
  );
}

describe('npm run batch', () => {
  it('computes from the lake what was computed live, column for column, and names what differs', async () => {
    await produce();
    await scene.untilInLake('logs', events + 4);
    const storage = await openStorage(`sqlite:${join(scene.directory, 'serving.db')}`);
    const table = viewTable(webLogs, 'traffic');
    const within = { fromMs: yesterdayMs, toMs: yesterdayMs + dayMs };
    const stored = await eventually('yesterday is final in the store', async () => {
      const rows = await storage.read(table, within);
      return rows.length > 100 && rows.every(({ state }) => state !== 'filling') ? rows : undefined;
    });
    const counted = stored.reduce((sum, { requests }) => sum + (requests as number), 0);
    expect(counted).toBeGreaterThan(events * 0.99);
    expect(counted).toBeLessThan(events);

    const { status, output } = await scene.batch('web-logs', '--day', day);
    expect(output).toMatch(new RegExp(`^web-logs, ${day} \\(UTC\\): ${counted} events`));
    expect(output).toMatch(
      new RegExp(`traffic +${stored.length} +${stored.length} +${stored.length} +0 +0 +0`),
    );
    expect(output).toMatch(/\nequal\n$/);
    expect(status).toBe(0);

    await storage.upsert(table, [{ ...stored[7], bytes: -1 }]);
    await storage.remove(table, [stored[8]!]);
    await storage.close();
    const spoilt = await scene.batch('web-logs', '--day', day);
    expect(spoilt.output).toContain('bytes: batch ');
    expect(spoilt.output).toContain('not stored');
    expect(spoilt.output).toMatch(/\nnot equal\n$/);
    expect(spoilt.status).toBe(1);
  });

  it('says how it is used when it is asked for no such pipeline or day', async () => {
    for (const args of [
      ['nothing', '--day', day],
      ['web-logs', '--day', '2026-13-99'],
    ]) {
      const { status, output } = await scene.batch(...args);
      expect(status).toBe(2);
      expect(output).toContain('usage: npm run batch -- PIPELINE --day');
    }
  });
});
