import { parseArgs } from 'node:util';
import { selectPipelines } from '@millrace/pipelines';
import { z } from 'zod';
import { feeds } from './feeds/feeds.ts';

const schema = z.object({
  PIPELINES: z.string().optional(),
  KAFKA_BROKERS: z.string().default('127.0.0.1:9092'),
  SCHEMA_REGISTRY_URL: z.url().default('http://127.0.0.1:8081'),
  TOPIC_PARTITIONS: z.coerce.number().int().min(1).max(1000).default(4),
  PRODUCER_HOST: z.string().default('127.0.0.1'),
  PRODUCER_PORT: z.coerce.number().int().min(0).max(65_535).default(4201),
  EVENTS_PER_SECOND: z.coerce.number().positive().max(1_000_000).default(200),
  EVENTS_ALLOW_ORIGIN: z.string().default('*'),
  SCHEMA_AUTO_REGISTER: z.stringbool().default(true),
});

export interface ProducerConfig {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** The settings of the feed of each pipeline that is to be fed. */
  readonly feeds: Readonly<Record<string, unknown>>;
  /** Used when the topic is created; an existing topic stays as it is. */
  readonly topicPartitions: number;
  readonly autoRegister: boolean;
  /** Of `POST /events/:topic`. */
  readonly http: {
    readonly host: string;
    /** 0 takes a free one. */
    readonly port: number;
    /** Events a second that one client may send. */
    readonly perSecond: number;
    /** Whose pages may send: `access-control-allow-origin`. */
    readonly allowOrigin: string;
  };
}

/**
 * The configuration that the environment and the command line (`--file PATH ...`, `--simulate N`) give, with defaults for a
 * laptop: every pipeline, at low rates.
 * @throws z.ZodError naming each variable that is off; TypeError for an option that is none; PipelinesError for a pipeline that is none
 */
export function readConfig(env: NodeJS.ProcessEnv, args: readonly string[] = []): ProducerConfig {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      file: { type: 'string', multiple: true },
      simulate: { type: 'string' },
      replay: { type: 'string' },
      mapping: { type: 'string' },
      speed: { type: 'string' },
      'shift-to-now': { type: 'boolean' },
    },
  });
  const values = schema.parse(env);
  const selected = new Set(selectPipelines(values.PIPELINES).map(({ name }) => name));
  return {
    brokers: values.KAFKA_BROKERS.split(','),
    registryUrl: values.SCHEMA_REGISTRY_URL,
    feeds: Object.fromEntries(
      feeds
        .filter(({ pipeline }) => selected.has(pipeline.name))
        .map((feed) => [feed.pipeline.name, feed.settings(env, flags)]),
    ),
    topicPartitions: values.TOPIC_PARTITIONS,
    autoRegister: values.SCHEMA_AUTO_REGISTER,
    http: {
      host: values.PRODUCER_HOST,
      port: values.PRODUCER_PORT,
      perSecond: values.EVENTS_PER_SECOND,
      allowOrigin: values.EVENTS_ALLOW_ORIGIN,
    },
  };
}
