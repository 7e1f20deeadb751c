import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningEmbedded, startEmbedded } from '@millrace/embedded';
import { accessLogEvent, seededRandom, simulatedRequest, webLogs } from '@millrace/pipelines';
import { readConfig, run, type RunningProcessor } from '@millrace/processor';
import { AccessLogSchema, connectRegistry, createWriter } from '@millrace/schemas';
import { openLake, openStorage } from '@millrace/storage';
import { viewTable } from '@millrace/streams';
import { Kafka, logLevel } from 'kafkajs';
import { eventually } from './child-system.ts';

const dayMs = 86_400_000;
const seed = 11;
const events = 4_000;
// Within the views' retention.
const yesterdayMs = Math.floor(Date.now() / dayMs) * dayMs - dayMs;
const day = new Date(yesterdayMs).toISOString().slice(0, 10);
const main = join(import.meta.dirname, '../src/batch/main.ts');

let directory: string;
let embedded: RunningEmbedded;
let processor: RunningProcessor;
let env: Record<string, string>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-batch-'));
  const ports = { MILLRACE_DIR: directory, KAFKA_PORT: '0', SCHEMA_REGISTRY_PORT: '0' };
  embedded = await startEmbedded(ports, () => undefined);
  env = {
    MILLRACE_DIR: directory,
    PIPELINES: 'web-logs',
    KAFKA_BROKERS: embedded.brokers.join(','),
    SCHEMA_REGISTRY_URL: embedded.registryUrl,
    LAKE_FILE_SECONDS: '1',
    PROCESSOR_PORT: '0',
  };
  processor = await run(readConfig(env), () => undefined);
}, 60_000);
afterAll(async () => {
  await processor?.stop();
  await embedded?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Half of yesterday's hours and some of the day's around it, on all partitions, out of order within the bound. */
async function produce(): Promise<void> {
  const registry = connectRegistry({ url: embedded.registryUrl });
  const writer = await createWriter({
    registry,
    subject: 'logs-value',
    schema: AccessLogSchema,
    autoRegister: true,
  });
  const producer = new Kafka({ brokers: [...embedded.brokers], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const fromMs = yesterdayMs - 60_000;
  const stepMs = (dayMs + 120_000) / events;
  const send = (index: number, timeMs: number) => ({
    partition: index % 4,
    value: writer.write(
      accessLogEvent(simulatedRequest(seed, index, timeMs), { text: `line ${index}`, simulated: true }),
    ),
  });
  for (let index = 0; index < events; index += 500) {
    const messages = Array.from({ length: 500 }, (_, at) => {
      const jitterMs = Math.floor(seededRandom(seed, index + at).next() * 900);
      return send(index + at, Math.floor((fromMs + (index + at) * stepMs + jitterMs) / 1000) * 1000);
    });
    await producer.send({ topic: 'logs', messages });
  }
  // Closes yesterday's windows on every partition.
  const endMs = fromMs + dayMs + 240_000;
  await producer.send({
    topic: 'logs',
    messages: [0, 1, 2, 3].map((at) => send(at, Math.min(endMs, Date.now()))),
  });
  await producer.disconnect();
}

function batch(...args: string[]): Promise<{ status: number | string; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@millrace/source', main, ...args],
      { cwd: directory, env: { ...process.env, INIT_CWD: directory, ...env } },
      (error, stdout, stderr) => resolve({ status: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

describe('npm run batch', () => {
  it('computes from the lake what was computed live, column for column, and names what differs', async () => {
    await produce();
    const lake = await openLake(`file:${join(directory, 'lake')}`);
    await eventually('all events are in the lake', async () => {
      const files = await lake.files('logs');
      return files.reduce((sum, { rows }) => sum + rows, 0) === events + 4 ? true : undefined;
    });
    await lake.close();
    const storage = await openStorage(`sqlite:${join(directory, 'serving.db')}`);
    const table = viewTable(webLogs, 'traffic');
    const within = { fromMs: yesterdayMs, toMs: yesterdayMs + dayMs };
    const stored = await eventually('yesterday is final in the store', async () => {
      const rows = await storage.read(table, within);
      return rows.length > 100 && rows.every(({ state }) => state !== 'filling') ? rows : undefined;
    });
    const counted = stored.reduce((sum, { requests }) => sum + (requests as number), 0);
    expect(counted).toBeGreaterThan(events * 0.99);
    expect(counted).toBeLessThan(events);

    const { status, output } = await batch('web-logs', '--day', day);
    expect(output).toMatch(new RegExp(`^web-logs, ${day} \\(UTC\\): ${counted} events`));
    expect(output).toMatch(
      new RegExp(`traffic +${stored.length} +${stored.length} +${stored.length} +0 +0 +0`),
    );
    expect(output).toMatch(/\nequal\n$/);
    expect(status).toBe(0);

    await storage.upsert(table, [{ ...stored[7], bytes: -1 }]);
    await storage.remove(table, [stored[8]!]);
    await storage.close();
    const spoilt = await batch('web-logs', '--day', day);
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
      const { status, output } = await batch(...args);
      expect(status).toBe(2);
      expect(output).toContain('usage: npm run batch -- PIPELINE --day');
    }
  });
});
