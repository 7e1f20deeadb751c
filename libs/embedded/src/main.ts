/** `nx serve embedded`: the broker and the registry as one process, with their data in a folder. */
import { join } from 'node:path';
import { startKafka, type Kafka } from './broker/start-kafka.ts';
import { ListenError } from './errors.ts';
import { RegistryError } from './registry/errors.ts';
import { startRegistry, type RunningRegistry } from './registry/start-registry.ts';

const HELP = `usage: nx serve embedded

Starts a Kafka broker and a Confluent-compatible schema registry for development, without Docker or Java.
Everything is kept in a folder and is there again after a restart. Ctrl-C stops both.

environment:
  KAFKA_PORT             port of the broker (9092)
  SCHEMA_REGISTRY_PORT   port of the registry (8081)
  MILLRACE_DIR           folder for the data (.millrace in the workspace)
`;

const { env } = process;
const kafkaPort = portFrom('KAFKA_PORT', 9092);
const registryPort = portFrom('SCHEMA_REGISTRY_PORT', 8081);
// Under Nx the working directory is this package's, but the data are the workspace's.
const folder = env['MILLRACE_DIR'] ?? join(env['NX_WORKSPACE_ROOT'] ?? process.cwd(), '.millrace');

if (process.argv.includes('--help')) {
  console.log(HELP);
  process.exit(0);
}

let kafka: Kafka | undefined;
let registry: RunningRegistry | undefined;
try {
  kafka = await startKafka({ port: kafkaPort, dataDir: join(folder, 'kafka') });
  console.log(`Kafka broker     ${kafka.brokers[0]}`);
  registry = await startRegistry({ port: registryPort, kafka: { brokers: kafka.brokers } });
  console.log(`Schema registry  ${registry.url}`);
  console.log(`Data in          ${folder}\nCtrl-C stops both.`);
} catch (error) {
  await kafka?.stop();
  console.error(explained(error));
  process.exit(1);
}

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    void (async () => {
      await registry.stop();
      await kafka.stop();
      process.exit(0);
    })();
  });
}

function portFrom(name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  console.error(`${name} is "${text}"; it must be a port, 0 to 65535.`);
  process.exit(1);
}

function explained(error: unknown): string {
  if (error instanceof ListenError && error.isTaken)
    return `Port ${kafkaPort} is taken; set KAFKA_PORT to another one.`;
  if (error instanceof RegistryError && error.code === 'REGISTRY_PORT') {
    return `Port ${registryPort} is taken; set SCHEMA_REGISTRY_PORT to another one.`;
  }
  return error instanceof Error ? error.message : String(error);
}
