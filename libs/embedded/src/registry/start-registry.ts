import type { AddressInfo } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { RegistryError } from './errors.ts';
import type { SaslLogin } from './kafka/sasl.ts';
import { Registry } from './registry.ts';

export interface StartRegistryOptions {
  readonly kafka: {
    /** `host:port`, of any brokers of the cluster. */
    readonly brokers: readonly string[];
    readonly tls?: ConnectionOptions;
    readonly sasl?: SaslLogin;
  };
  /** Default 0: a free one, see `url`. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The compacted topic with the registry's state, created where it is missing. Default `_schemas`. */
  readonly topic?: string;
  /** How long to wait for a broker before giving up. Default 30,000. */
  readonly waitForBrokerMs?: number;
  /** How long a write may take before its client gets an error 50002. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Told, once, that the registry waits for its broker, and why. */
  readonly onWaiting?: (message: string) => void;
}

export interface RunningRegistry {
  /** `http://127.0.0.1:8081` */
  readonly url: string;
  readonly port: number;
  /** Finishes the requests under way and frees the port. */
  stop(): Promise<void>;
}

const DEFAULT_TOPIC = '_schemas';

/**
 * A schema registry for Avro with Confluent's REST API. Its state is in a topic of the given broker, in Confluent's
 * format; nothing is answered before it is acknowledged there.
 *
 * @throws REGISTRY_NO_BROKER when no broker answers in time, REGISTRY_TOPIC, REGISTRY_LOGIN, REGISTRY_PORT
 * @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
export async function startRegistry(options: StartRegistryOptions): Promise<RunningRegistry> {
  const { kafka, host = '127.0.0.1', port = 0, topic = DEFAULT_TOPIC, requestTimeoutMs = 10_000 } = options;
  const { brokers, tls, sasl } = kafka;
  const registry = new Registry({
    brokers,
    topic,
    requestTimeoutMs,
    ...(tls && { tls }),
    ...(sasl && { sasl }),
  });
  // Only now: a process that starts no registry need not load an HTTP server.
  const [{ createServer }] = await Promise.all([import('./http/server.ts'), load(registry, options)]);
  const server = createServer(registry);
  try {
    await server.listen({ host, port });
  } catch (error) {
    await registry.close();
    const message = `the registry cannot listen on ${host}:${port}: ${(error as Error).message}; choose another port`;
    throw new RegistryError('REGISTRY_PORT', message, error);
  }
  const address = server.server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shownHost}:${address.port}`,
    port: address.port,
    async stop() {
      await server.close();
      await registry.close();
    },
  };
}

async function load(
  registry: Registry,
  { kafka, waitForBrokerMs = 30_000, onWaiting }: StartRegistryOptions,
) {
  const brokers = kafka.brokers.join(', ');
  let told = false;
  try {
    await registry.load(waitForBrokerMs, (error) => {
      if (!told) onWaiting?.(`the schema registry waits for its broker at ${brokers}: ${error.message}`);
      told = true;
    });
  } catch (error) {
    await registry.close();
    if (!(error instanceof RegistryError) || !error.retriable) throw error;
    const message = `no broker at ${brokers} in ${waitForBrokerMs} ms; start it, or correct kafka.brokers: ${error.message}`;
    throw new RegistryError('REGISTRY_NO_BROKER', message, error);
  }
}
