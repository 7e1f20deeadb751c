import { parseArgs } from 'node:util';
import { z } from 'zod';

const schema = z.object({
  KAFKA_BROKERS: z.string().default('127.0.0.1:9092'),
  SCHEMA_REGISTRY_URL: z.url().default('http://127.0.0.1:8081'),
  MILLRACE_DIR: z.string().default('.millrace'),
  ACCESS_LOG: z.string().optional(),
  SIMULATE_LINES_PER_SECOND: z.coerce.number().min(0).max(100_000).optional(),
  SIMULATE_SEED: z.coerce.number().int().default(1),
  TOPIC_PARTITIONS: z.coerce.number().int().min(1).max(1000).default(4),
  SCHEMA_AUTO_REGISTER: z.stringbool().default(true),
});

export interface ProducerConfig {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Access logs to follow. */
  readonly files: readonly string[];
  /** 0: no simulated lines. */
  readonly simulateLinesPerSecond: number;
  readonly simulateSeed: number;
  /** Used when the topic is created; an existing topic stays as it is. */
  readonly topicPartitions: number;
  readonly autoRegister: boolean;
}

/** The original system's rate: a page that is never empty. */
const DEFAULT_LINES_PER_SECOND = 2;

/**
 * The configuration that the environment and the command line (`--file PATH ...`, `--simulate N`) give, with defaults for a
 * laptop: the dashboard's own access log and two simulated lines a second. Files given by `--file` come alone, since a log of
 * yesterday mixed with lines of now would be late.
 * @throws z.ZodError naming each variable that is off; TypeError for an option that is none
 */
export function readConfig(env: NodeJS.ProcessEnv, args: readonly string[] = []): ProducerConfig {
  const { values: flags } = parseArgs({
    args: [...args],
    options: { file: { type: 'string', multiple: true }, simulate: { type: 'string' } },
  });
  const values = schema.parse({
    ...env,
    ...(flags.simulate !== undefined && { SIMULATE_LINES_PER_SECOND: flags.simulate }),
  });
  return {
    brokers: values.KAFKA_BROKERS.split(','),
    registryUrl: values.SCHEMA_REGISTRY_URL,
    files: flags.file ?? [values.ACCESS_LOG ?? `${values.MILLRACE_DIR}/access.log`],
    simulateLinesPerSecond:
      values.SIMULATE_LINES_PER_SECOND ?? (flags.file === undefined ? DEFAULT_LINES_PER_SECOND : 0),
    simulateSeed: values.SIMULATE_SEED,
    topicPartitions: values.TOPIC_PARTITIONS,
    autoRegister: values.SCHEMA_AUTO_REGISTER,
  };
}
