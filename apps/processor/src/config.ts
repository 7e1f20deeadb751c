import { selectPipelines } from '@millrace/pipelines';
import type { PipelineDefinition } from '@millrace/streams';
import { z } from 'zod';

const schema = z.object({
  PIPELINES: z.string().optional(),
  KAFKA_BROKERS: z.string().default('127.0.0.1:9092'),
  SCHEMA_REGISTRY_URL: z.url().default('http://127.0.0.1:8081'),
  MILLRACE_DIR: z.string().default('.millrace'),
  STORAGE_URL: z.string().optional(),
  LAKE_URL: z.string().optional(),
  LAKE_FILE_SECONDS: z.coerce.number().min(1).max(3600).default(60),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  PROCESSOR_HOST: z.string().default('127.0.0.1'),
  PROCESSOR_PORT: z.coerce.number().int().min(0).max(65_535).default(4202),
  INSTANCE_ID: z.string().min(1).default('processor-1'),
  QUERY_VIEWS: z.string().default(''),
  QUERY_URL: z.url().optional(),
  QUERY_TOKEN: z.string().min(1).optional(),
  STATE_DIR: z.string().optional(),
  STANDBYS: z.coerce.number().int().min(0).max(10).default(0),
  TRACE_CONTEXT: z.stringbool().default(false),
  WORKERS: z.coerce.number().int().min(1).max(256).default(1),
  COMMIT_INTERVAL_MS: z.coerce.number().int().min(1).max(60_000).default(100),
  TOPIC_PARTITIONS: z.coerce.number().int().min(1).max(1000).default(4),
  SCHEMA_AUTO_REGISTER: z.stringbool().default(true),
});

/** The store that the dashboard reads; the one of views that name none. */
export const SERVING = 'serving';
const STORE_PREFIX = 'STORAGE_URL_';

export interface LakeConfig {
  readonly url: string;
  /** How long an event waits at most before its file is written. */
  readonly fileMs: number;
  /** Absent: what the AWS tools' environment says. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface QueriesConfig {
  /** What may be asked for at `/queries`, as `<pipeline>.<view>`. */
  readonly views: readonly string[];
  /** Where other processors reach this one's `/queries`; absent: it answers from its own tasks. */
  readonly url?: string;
  readonly token?: string;
}

export interface ProcessorConfig {
  /** What is run: those that PIPELINES names, or all. */
  readonly pipelines: readonly PipelineDefinition[];
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Where results are kept, by the names that views' `sinks` use; see `openStorage` of @millrace/storage. */
  readonly stores: Readonly<Record<string, string>>;
  /** Where raw events are kept, see `openLake` of @millrace/storage; absent: nowhere. */
  readonly lake?: LakeConfig;
  readonly host: string;
  /** Of `/health` and `/metrics`; 0 takes a free one. */
  readonly port: number;
  /** A lasting name of this process, another for each that runs at the same time: a restart takes over at once. */
  readonly instanceId: string;
  /** Absent: nothing is answered. */
  readonly queries?: QueriesConfig;
  /** Carries W3C trace contexts from records to results. */
  readonly traceContext: boolean;
  /** Threads for each pipeline. */
  readonly workers: number;
  readonly commitIntervalMs: number;
  /** Where checkpoints of state are kept; absent: nowhere, and a restart reads its changelogs whole. */
  readonly stateDir?: string;
  /** Copies of each task's state on other processors. */
  readonly standbys: number;
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
    stores: {
      [SERVING]: values.STORAGE_URL ?? `sqlite:${values.MILLRACE_DIR}/serving.db`,
      ...furtherStores(env),
    },
    ...(values.LAKE_URL === 'off' ? {} : { lake: lakeConfig(values) }),
    host: values.PROCESSOR_HOST,
    port: values.PROCESSOR_PORT,
    instanceId: values.INSTANCE_ID,
    ...(values.QUERY_VIEWS === '' ? {} : { queries: queriesConfig(values) }),
    traceContext: values.TRACE_CONTEXT,
    workers: values.WORKERS,
    ...(values.STATE_DIR === 'off' ? {} : { stateDir: values.STATE_DIR ?? `${values.MILLRACE_DIR}/state` }),
    standbys: values.STANDBYS,
    commitIntervalMs: values.COMMIT_INTERVAL_MS,
    topicPartitions: values.TOPIC_PARTITIONS,
    autoRegister: values.SCHEMA_AUTO_REGISTER,
  };
}

/** `STORAGE_URL_HISTORY` is the store of the sink `history`. */
function furtherStores(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, url]) =>
      name.startsWith(STORE_PREFIX) && url ? [[name.slice(STORE_PREFIX.length).toLowerCase(), url]] : [],
    ),
  );
}

function queriesConfig({
  QUERY_VIEWS,
  QUERY_URL: url,
  QUERY_TOKEN: token,
}: z.infer<typeof schema>): QueriesConfig {
  const views = QUERY_VIEWS.split(',').map((view) => view.trim());
  return { views, ...(url === undefined ? {} : { url }), ...(token === undefined ? {} : { token }) };
}

function lakeConfig(values: z.infer<typeof schema>): LakeConfig {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = values;
  return {
    url: values.LAKE_URL || `file:${values.MILLRACE_DIR}/lake`,
    fileMs: values.LAKE_FILE_SECONDS * 1000,
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
  };
}
