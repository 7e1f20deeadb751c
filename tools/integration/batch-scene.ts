import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '@millrace/embedded';
import { readConfig, run } from '@millrace/processor';
import { openLake } from '@millrace/storage';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { eventually } from './child-system.ts';

const main = join(import.meta.dirname, '../src/batch/main.ts');

/** A pipeline that runs embedded, with its lake and store in a directory of its own. */
export interface BatchScene {
  readonly directory: string;
  readonly registryUrl: string;
  send(topic: string, messages: Message[]): Promise<void>;
  /** Waits until the lake holds so many events of a topic. */
  untilInLake(topic: string, events: number): Promise<void>;
  /** `npm run batch` with these arguments. */
  batch(...args: string[]): Promise<{ status: number | string; output: string }>;
  stop(): Promise<void>;
}

export async function startBatchScene(pipeline: string): Promise<BatchScene> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-batch-'));
  const ports = { MILLRACE_DIR: directory, KAFKA_PORT: '0', SCHEMA_REGISTRY_PORT: '0' };
  const embedded = await startEmbedded(ports, () => undefined);
  const env = {
    MILLRACE_DIR: directory,
    PIPELINES: pipeline,
    KAFKA_BROKERS: embedded.brokers.join(','),
    SCHEMA_REGISTRY_URL: embedded.registryUrl,
    LAKE_FILE_SECONDS: '1',
    PROCESSOR_PORT: '0',
  };
  const processor = await run(readConfig(env), () => undefined);
  const producer = new Kafka({ brokers: [...embedded.brokers], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  return {
    directory,
    registryUrl: embedded.registryUrl,
    send: async (topic, messages) => {
      for (let start = 0; start < messages.length; start += 500)
        await producer.send({ topic, messages: messages.slice(start, start + 500) });
    },
    untilInLake: async (topic, events) => {
      const lake = await openLake(`file:${join(directory, 'lake')}`);
      await eventually('all events are in the lake', async () => {
        const files = await lake.files(topic);
        return files.reduce((sum, { rows }) => sum + rows, 0) === events ? true : undefined;
      });
      await lake.close();
    },
    batch: (...args) =>
      new Promise((resolve) => {
        execFile(
          process.execPath,
          ['--conditions=@millrace/source', main, ...args],
          { cwd: directory, env: { ...process.env, INIT_CWD: directory, ...env } },
          (error, stdout, stderr) => resolve({ status: error?.code ?? 0, output: stdout + stderr }),
        );
      }),
    stop: async () => {
      await producer.disconnect();
      await processor.stop();
      await embedded.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
