import { join } from 'node:path';
import { buildWeb, readConfig as readDashboardConfig, run as runDashboard } from '@millrace/dashboard';
import { startKafka, startRegistry } from '@millrace/embedded';
import { readConfig as readProcessorConfig, run as runProcessor } from '@millrace/processor';
import { readConfig as readProducerConfig, run as runProducer } from '@millrace/producer';
import { servicesEnvironment } from './services-environment.ts';

export interface RunningSystem {
  readonly url: string;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The producer's options: `--file PATH`, `--simulate N`. */
  readonly args: readonly string[];
}

type Stop = () => Promise<unknown>;

/** Starts every part after those that it needs. If one fails, those before it are stopped and the error is thrown. */
export async function start(
  { env, args }: StartOptions,
  log: (line: string) => void,
): Promise<RunningSystem> {
  const stops: Stop[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  const stage = async <T extends { stop(): Promise<unknown> }>(
    name: string,
    begin: () => Promise<T>,
    say: (part: T) => string,
  ) => {
    const part = await begin();
    stops.push(() => part.stop());
    log(`  ${name.padEnd(10)} ${say(part)}`);
    return part;
  };

  const webBuilt = buildWeb({ ifStale: true, log: (line) => log(`  web        ${line}`) });
  webBuilt.catch(() => undefined); // awaited below
  try {
    const configured =
      env.MILLRACE_PROFILE === 'services' ? servicesEnvironment(env) : await startEmbedded(env, stage);
    const settings = { ...env, ...configured };
    await webBuilt;
    const say = (name: string) => (line: string) => log(`  ${name.padEnd(10)} ${line}`);
    const processor = readProcessorConfig(settings);
    await stage(
      'processor',
      () => runProcessor(processor, say('processor')),
      ({ url }) => `running; ${url}/metrics`,
    );
    const dashboard = await stage(
      'dashboard',
      () => runDashboard(readDashboardConfig(settings)),
      ({ url }) => `serving ${url}`,
    );
    await stage(
      'producer',
      () => runProducer(readProducerConfig(settings, args), say('producer')),
      () => 'sending',
    );
    return { url: dashboard.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startEmbedded(
  env: NodeJS.ProcessEnv,
  stage: <T extends { stop(): Promise<unknown> }>(
    name: string,
    begin: () => Promise<T>,
    say: (part: T) => string,
  ) => Promise<T>,
): Promise<Record<string, string>> {
  const directory = env.MILLRACE_DIR ?? '.millrace';
  const kafka = await stage(
    'kafka',
    () => startKafka({ port: Number(env.KAFKA_PORT ?? 9092), dataDir: join(directory, 'kafka') }),
    ({ brokers }) => `embedded broker at ${brokers.join(',')}`,
  );
  const registry = await stage(
    'registry',
    () =>
      startRegistry({ kafka: { brokers: kafka.brokers }, port: Number(env.SCHEMA_REGISTRY_PORT ?? 8081) }),
    ({ url }) => `embedded schema registry at ${url}`,
  );
  return { KAFKA_BROKERS: kafka.brokers.join(','), SCHEMA_REGISTRY_URL: registry.url };
}
