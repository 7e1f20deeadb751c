import { selectPipelines } from '@millrace/pipelines';
import type { PipelineDefinition } from '@millrace/streams';
import { z } from 'zod';

const schema = z.object({
  PIPELINES: z.string().optional(),
  KAFKA_BROKERS: z.string().default('127.0.0.1:9092'),
  SCHEMA_REGISTRY_URL: z.url().default('http://127.0.0.1:8081'),
  MILLRACE_DIR: z.string().default('.millrace'),
  STORAGE_URL: z.string().optional(),
  PROCESSOR_HOST: z.string().default('127.0.0.1'),
  PROCESSOR_PORT: z.coerce.number().int().min(0).max(65_535).default(4202),
  INSTANCE_ID: z.string().min(1).default('processor-1'),
  COMMIT_INTERVAL_MS: z.coerce.number().int().min(1).max(60_000).default(100),
  TOPIC_PARTITIONS: z.coerce.number().int().min(1).max(1000).default(4),
  SCHEMA_AUTO_REGISTER: z.stringbool().default(true),
});

export interface ProcessorConfig {
  /** What is run: those that PIPELINES names, or all. */
  readonly pipelines: readonly PipelineDefinition[];
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Where results are kept, see `openStorage` of @millrace/storage. */
  readonly storageUrl: string;
  readonly host: string;
  /** Of `/health` and `/metrics`; 0 takes a free one. */
  readonly port: number;
  /** A lasting name of this process, another for each that runs at the same time: a restart takes over at once. */
  readonly instanceId: string;
  readonly commitIntervalMs: number;
  /** Of source topics that this app is the first to need; existing ones stay as they are. */
  readonly topicPartitions: number;
  readonly autoRegister: boolean;
}

/** The configuration that the environment gives, with defaults for a laptop. @throws z.ZodError naming each variable that is off; PipelinesError. */
export function readConfig(env: NodeJS.ProcessEnv): ProcessorConfig {
  const values = schema.parse(env);
  return {
    pipelines: selectPipelines(values.PIPELINES),
    brokers: values.KAFKA_BROKERS.split(','),
    registryUrl: values.SCHEMA_REGISTRY_URL,
    storageUrl: values.STORAGE_URL ?? `sqlite:${values.MILLRACE_DIR}/serving.db`,
    host: values.PROCESSOR_HOST,
    port: values.PROCESSOR_PORT,
    instanceId: values.INSTANCE_ID,
    commitIntervalMs: values.COMMIT_INTERVAL_MS,
    topicPartitions: values.TOPIC_PARTITIONS,
    autoRegister: values.SCHEMA_AUTO_REGISTER,
  };
}
