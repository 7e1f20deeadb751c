import { join } from 'node:path';
import { startKafka } from './broker/start-kafka.ts';
import { EmbeddedError, ListenError } from './errors.ts';
import { RegistryError } from './registry/errors.ts';
import { startRegistry } from './registry/start-registry.ts';

export interface RunningEmbedded {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts the broker and the registry that the environment asks for, with their data in a folder: `KAFKA_PORT` (9092),
 * `SCHEMA_REGISTRY_PORT` (8081), `MILLRACE_DIR` (`.millrace`). `onUp` hears of each as it comes up.
 * @throws EmbeddedError naming a taken port and the variable that changes it
 */
export async function startEmbedded(
  env: Readonly<Record<string, string | undefined>>,
  onUp: (part: 'kafka' | 'registry', address: string) => void = () => undefined,
): Promise<RunningEmbedded> {
  const kafkaPort = portFrom(env, 'KAFKA_PORT', 9092);
  const registryPort = portFrom(env, 'SCHEMA_REGISTRY_PORT', 8081);
  const dataDir = join(env['MILLRACE_DIR'] || '.millrace', 'kafka');
  const kafka = await startKafka({ port: kafkaPort, dataDir }).catch((error: unknown) => {
    throw error instanceof ListenError && error.isTaken ? taken('KAFKA_PORT', kafkaPort, error) : error;
  });
  onUp('kafka', kafka.brokers.join(','));
  try {
    const registry = await startRegistry({ port: registryPort, kafka: { brokers: kafka.brokers } });
    onUp('registry', registry.url);
    return {
      brokers: kafka.brokers,
      registryUrl: registry.url,
      async stop() {
        await registry.stop();
        await kafka.stop();
      },
    };
  } catch (error) {
    await kafka.stop();
    if (!(error instanceof RegistryError) || error.code !== 'REGISTRY_PORT') throw error;
    throw taken('SCHEMA_REGISTRY_PORT', registryPort, error);
  }
}

function portFrom(env: Readonly<Record<string, string | undefined>>, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new EmbeddedError('EMBEDDED_PORT', `${name} is "${text}"; it must be a port, 0 to 65535.`);
}

function taken(variable: string, port: number, cause: Error): EmbeddedError {
  const message = `Port ${port} is taken: stop the program that listens there, or set ${variable} to another port.`;
  return new EmbeddedError('EMBEDDED_PORT_TAKEN', message, { cause });
}
