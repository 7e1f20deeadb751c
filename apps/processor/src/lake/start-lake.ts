import { createHash } from 'node:crypto';
import { connectRegistry, createReader } from '@millrace/schemas';
import { openLake } from '@millrace/storage';
import type { Kafka } from 'kafkajs';
import type { ProcessorConfig } from '../config.ts';
import type { SinkMeter } from '../sinks/sink-metrics.ts';
import { LakeSink } from './lake-sink.ts';
import { lakeSources } from './lake-source.ts';

export interface StartLakeOptions {
  readonly config: ProcessorConfig;
  readonly kafka: Kafka;
  readonly meter: SinkMeter;
  readonly log: (line: string) => void;
}

/** Starts writing the raw events of all pipelines, if a lake is configured. @throws StorageError `STORAGE_URL` */
export async function startLake({
  config,
  kafka,
  meter,
  log,
}: StartLakeOptions): Promise<{ stop(): Promise<void> }> {
  if (config.lake === undefined) return { stop: async () => undefined };
  const { url, fileMs, ...rest } = config.lake;
  const lake = await openLake(url, rest);
  const registry = connectRegistry({ url: config.registryUrl });
  const sink = new LakeSink({
    kafka,
    lake,
    sources: lakeSources(config.pipelines),
    // Members of one group share the topics: another lake must have another group.
    groupId: `millrace.lake.${createHash('sha256').update(lake.location).digest('hex').slice(0, 8)}`,
    reader: ({ schema }) => createReader({ registry, schema }),
    fileMs,
    meter,
    log: (line) => log(`lake: ${line}`),
  });
  sink.start();
  return {
    async stop() {
      await sink.stop();
      await lake.close();
    },
  };
}
