import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createTopics, waitForKafka } from '@millrace/kafka-admin';
import { connectRegistry, createDecoder, createSerdes } from '@millrace/schemas';
import { openStorage, type Row, type StorageAdapter } from '@millrace/storage';
import { type PipelineDefinition, type RunningPipeline, startPipeline, topicNames } from '@millrace/streams';
import type { Kafka } from 'kafkajs';
import type { ProcessorConfig } from './config.ts';
import { processorMetrics } from './metrics.ts';
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
  const { pipelines } = config;
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
    pipelines.map((definition) => startOne({ definition, config, log, signal: stopping.signal })),
  );
  const { registry: metrics, storedRows } = processorMetrics(running);
  const sinks = pipelines.map((definition) =>
    startSink({
      definition,
      kafka,
      storage,
      config,
      log,
      onWritten: (table, rows) => storedRows.inc({ table }, rows),
    }),
  );
  const status = await serveStatus({ host: config.host, port: config.port, pipelines: running, metrics });
  return {
    url: status.url,
    async stop() {
      stopping.abort();
      await status.stop();
      await Promise.all(running.map((pipeline) => pipeline.stop()));
      await Promise.all(sinks.map((sink) => sink.stop()));
      await storage.close();
    },
  };
}

interface StartOne {
  readonly definition: PipelineDefinition;
  readonly config: ProcessorConfig;
  readonly log: (line: string) => void;
}

function startOne({
  definition,
  config,
  log,
  signal,
}: StartOne & { signal: AbortSignal }): Promise<RunningPipeline> {
  const registry = connectRegistry({ url: config.registryUrl });
  return startPipeline(definition, {
    brokers: config.brokers,
    serdes: createSerdes({ registry, autoRegister: config.autoRegister }),
    commitIntervalMs: config.commitIntervalMs,
    instanceId: config.instanceId,
    signal,
    onEvent: ({ level, message }) => {
      if (level !== 'debug') log(`${definition.name}: ${message}`);
    },
  });
}

interface StartSink extends StartOne {
  readonly kafka: Kafka;
  readonly storage: StorageAdapter;
  readonly onWritten: (table: string, rows: number) => void;
}

function startSink({ definition, kafka, storage, config, log, onWritten }: StartSink): ResultsSink {
  const decoder = createDecoder<Row>({ registry: connectRegistry({ url: config.registryUrl }) });
  const sink = new ResultsSink({
    kafka,
    storage,
    tables: resultTables(definition),
    groupId: `${definition.name}.sink.${storage.name}`,
    decode: (value) => decoder.decode(value),
    refuse: deadLetterRows({ kafka, topic: topicNames.deadLetter(definition.name) }),
    log: (line) => log(`${definition.name}: ${line}`),
    onWritten,
  });
  sink.start();
  return sink;
}
