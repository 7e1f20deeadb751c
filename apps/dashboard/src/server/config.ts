import { join } from 'node:path';
import { selectPipelines } from '@millrace/pipelines';
import type { PipelineDefinition } from '@millrace/streams';
import { z } from 'zod';
import { DashboardError } from './errors.ts';

const brokers = z
  .string()
  .transform((text) => text.split(',').map((broker) => broker.trim()))
  .pipe(
    z
      .array(z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:,/]+):\d{1,5}$/, 'is not a list of host:port'))
      .nonempty(),
  );

const environment = z.object({
  PIPELINES: z.string().optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4200),
  HOST: z.string().min(1).default('127.0.0.1'),
  KAFKA_BROKERS: brokers.default(['127.0.0.1:9092']),
  SCHEMA_REGISTRY_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8081'),
  MILLRACE_DIR: z.string().min(1).default('.millrace'),
  STORAGE_URL: z.string().min(1).optional(),
  ACCESS_LOG: z.string().min(1).optional(),
  /** One file's size before it is moved to `ACCESS_LOG.1`; two files are kept. */
  ACCESS_LOG_MAX_BYTES: z.coerce.number().int().min(4_096).default(16_777_216),
  /** More open live streams than this are answered with 503. */
  LIVE_MAX_CLIENTS: z.coerce.number().int().min(1).default(2_000),
});

/** Everything the dashboard server can be told from outside. */
export interface DashboardConfig {
  /** What is served: those that PIPELINES names, or all. */
  readonly pipelines: readonly PipelineDefinition[];
  readonly port: number;
  readonly host: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly storageUrl: string;
  readonly accessLog: { readonly path: string; readonly maxBytes: number };
  readonly liveMaxClients: number;
}

/**
 * The configuration that `env` asks for, defaults filled in; unset and empty variables are alike.
 *
 * @throws DASHBOARD_CONFIG naming each variable that cannot be used, its value and what is expected; PIPELINES_UNKNOWN
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): DashboardConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `${name}=${JSON.stringify(given[name])}: ${issue.message}`;
    });
    throw new DashboardError('DASHBOARD_CONFIG', `The environment cannot be used: ${faults.join('; ')}`);
  }
  const values = parsed.data;
  return {
    pipelines: selectPipelines(values.PIPELINES),
    port: values.PORT,
    host: values.HOST,
    brokers: values.KAFKA_BROKERS,
    registryUrl: values.SCHEMA_REGISTRY_URL,
    storageUrl: values.STORAGE_URL ?? `sqlite:${join(values.MILLRACE_DIR, 'serving.db')}`,
    accessLog: {
      path: values.ACCESS_LOG ?? join(values.MILLRACE_DIR, 'access.log'),
      maxBytes: values.ACCESS_LOG_MAX_BYTES,
    },
    liveMaxClients: values.LIVE_MAX_CLIENTS,
  };
}
