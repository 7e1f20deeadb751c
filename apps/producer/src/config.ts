import { z } from 'zod';

const schema = z.object({
  KAFKA_BROKERS: z.string().default('127.0.0.1:9092'),
  SCHEMA_REGISTRY_URL: z.url().default('http://127.0.0.1:8081'),
  MILLRACE_DIR: z.string().default('.millrace'),
  ACCESS_LOG: z.string().optional(),
  SIMULATE_LINES_PER_SECOND: z.coerce.number().min(0).max(100_000).default(2),
  SIMULATE_SEED: z.coerce.number().int().default(1),
  LOGS_PARTITIONS: z.coerce.number().int().min(1).max(1000).default(4),
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
  readonly logsPartitions: number;
  readonly autoRegister: boolean;
}

/** The configuration that the environment gives, with defaults for a laptop. @throws z.ZodError naming each variable that is off. */
export function readConfig(env: NodeJS.ProcessEnv): ProducerConfig {
  const values = schema.parse(env);
  return {
    brokers: values.KAFKA_BROKERS.split(','),
    registryUrl: values.SCHEMA_REGISTRY_URL,
    files: [values.ACCESS_LOG ?? `${values.MILLRACE_DIR}/access.log`],
    simulateLinesPerSecond: values.SIMULATE_LINES_PER_SECOND,
    simulateSeed: values.SIMULATE_SEED,
    logsPartitions: values.LOGS_PARTITIONS,
    autoRegister: values.SCHEMA_AUTO_REGISTER,
  };
}
