import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createTopics, waitForKafka } from '@millrace/kafka-admin';
import { pipelines } from '@millrace/pipelines';
import { connectRegistry, createDecoder, createSerdes } from '@millrace/schemas';
import { openStorage, type StorageAdapter } from '@millrace/storage';
import { type PipelineDefinition, type RunningPipeline, startPipeline } from '@millrace/streams';
import type { Kafka } from 'kafkajs';
import type { ProcessorConfig } from './config.ts';
import { serveStatus } from './serve-status.ts';
import { deadLetterRows } from './sinks/dead-letter-rows.ts';
import { ResultsSink } from './sinks/results-sink.ts';
import { resultTables } from './sinks/tables.ts';

export interface RunningProcessor {
  /** Of `/health` and `/metrics`. */
  readonly url: string;
  /** Commits what is done and leaves the groups. */
  stop(): Promise<void>;
}

/** Runs every pipeline with its sinks until stopped. Resolves when all of them have joined their groups. */
export async function run(config: ProcessorConfig, log: (line: string) => void): Promise<RunningProcessor> {
  const stopping = new AbortController();
  const { kafka, admin } = await waitForKafka({
    brokers: config.brokers,
    clientId: 'millrace-processor',
    log,
    signal: stopping.signal,
  });
  await createTopics(
    admin,
    pipelines.flatMap((definition) =>
      Object.values(definition.sources).map(({ topic }) => ({ topic, partitions: config.topicPartitions })),
    ),
  );
  await admin.disconnect();

  if (config.storageUrl.startsWith('sqlite:'))
    mkdirSync(dirname(config.storageUrl.slice('sqlite:'.length)), { recursive: true });
  const storage = await openStorage(config.storageUrl);
  const running = await Promise.all(
    pipelines.map((definition) => runOne({ definition, kafka, storage, config, log })),
  );
  const status = await serveStatus({
    host: config.host,
    port: config.port,
    pipelines: running.map(({ pipeline }) => pipeline),
  });
  return {
    url: status.url,
    async stop() {
      stopping.abort();
      await status.stop();
      await Promise.all(running.map(({ pipeline }) => pipeline.stop()));
      await Promise.all(running.map(({ sink }) => sink.stop()));
      await storage.close();
    },
  };
}

interface RunOne {
  readonly definition: PipelineDefinition;
  readonly kafka: Kafka;
  readonly storage: StorageAdapter;
  readonly config: ProcessorConfig;
  readonly log: (line: string) => void;
}

async function runOne({
  definition,
  kafka,
  storage,
  config,
  log,
}: RunOne): Promise<{ pipeline: RunningPipeline; sink: ResultsSink }> {
  const registry = connectRegistry({ url: config.registryUrl });
  const say = (line: string) => log(`${definition.name}: ${line}`);
  const pipeline = await startPipeline(definition, {
    brokers: config.brokers,
    serdes: createSerdes({ registry, autoRegister: config.autoRegister }),
    commitIntervalMs: config.commitIntervalMs,
    onEvent: ({ level, message }) => {
      if (level !== 'debug') say(message);
    },
  });
  const decoder = createDecoder({ registry });
  const sink = new ResultsSink({
    kafka,
    storage,
    tables: resultTables(definition),
    groupId: `${definition.name}.sink.${storage.name}`,
    decode: (value) => decoder.decode(value),
    refuse: deadLetterRows({ kafka, topic: `${definition.name}.dead-letter` }),
    log: say,
  });
  await sink.start();
  return { pipeline, sink };
}
