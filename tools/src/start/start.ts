import { buildWeb, readConfig as readDashboardConfig, run as runDashboard } from '@millrace/dashboard';
import { startEmbedded } from '@millrace/embedded';
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
  const say = (name: string) => (line: string) => log(`  ${name.padEnd(10)} ${line}`);
  const stage = async <T extends { stop(): Promise<unknown> }>(
    name: string,
    begin: () => Promise<T>,
    words: (part: T) => string,
  ) => {
    const part = await begin();
    stops.push(() => part.stop());
    say(name)(words(part));
    return part;
  };

  const embedded = async () => {
    const words = { kafka: 'embedded broker at', registry: 'embedded schema registry at' };
    const running = await startEmbedded(env, (part, address) => say(part)(`${words[part]} ${address}`));
    stops.push(() => running.stop());
    return { KAFKA_BROKERS: running.brokers.join(','), SCHEMA_REGISTRY_URL: running.registryUrl };
  };

  const webBuilt = buildWeb({ ifStale: true, log: say('web') });
  webBuilt.catch(() => undefined); // awaited below
  try {
    const settings = {
      ...env,
      ...(env.MILLRACE_PROFILE === 'services' ? servicesEnvironment(env) : await embedded()),
    };
    await webBuilt;
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
