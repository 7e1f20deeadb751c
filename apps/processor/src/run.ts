import { createTopics, waitForKafka } from '@millrace/kafka-admin';
import { registrySerdes } from '@millrace/schemas';
import { type PipelineDefinition, type RunningPipeline, startPipeline } from '@millrace/streams';
import type { ProcessorConfig } from './config.ts';
import { startLake } from './lake/start-lake.ts';
import { processorMetrics } from './metrics.ts';
import { serveStatus } from './serve-status.ts';
import { startSinks } from './sinks/start-sinks.ts';

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

  const running = await Promise.all(
    pipelines.map((definition) => startOne({ definition, config, log, signal: stopping.signal })),
  );
  const stops: (() => Promise<void>)[] = running.map((pipeline) => () => pipeline.stop());
  const stop = async () => {
    stopping.abort();
    await Promise.all(stops.map((one) => one()));
  };
  try {
    const metrics = processorMetrics(running);
    const sinks = await startSinks({ config, kafka, meter: metrics.sink, log });
    stops.push(() => sinks.stop());
    const lake = await startLake({ config, kafka, meter: metrics.sink('lake'), log });
    stops.push(() => lake.stop());
    const { host, port } = config;
    const status = await serveStatus({
      host,
      port,
      pipelines: running,
      metrics: metrics.registry,
      queries: config.queries,
    });
    stops.push(() => status.stop());
    return { url: status.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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
  return startPipeline(definition, {
    brokers: config.brokers,
    serdes: registrySerdes({ url: config.registryUrl, autoRegister: config.autoRegister }),
    workers: config.workers,
    traceContext: config.traceContext,
    ...(config.queries?.url === undefined ? {} : { queries: { ...config.queries, url: config.queries.url } }),
    commitIntervalMs: config.commitIntervalMs,
    ...(config.stateDir === undefined ? {} : { stateDir: config.stateDir }),
    standbys: config.standbys,
    instanceId: config.instanceId,
    signal,
    onEvent: ({ level, message }) => {
      if (level !== 'debug') log(`${definition.name}: ${message}`);
    },
  });
}
