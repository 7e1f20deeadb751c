/** `nx serve embedded`: the broker and the registry as one process, with their data in a folder. */
import { startEmbedded } from './start-embedded.ts';

if (process.argv.includes('--help')) {
  console.log(`usage: npx nx serve embedded

Starts a Kafka broker and a Confluent-compatible schema registry for development, without Docker or Java.
Everything is kept in a folder and is there again after a restart. Ctrl-C stops both.

environment:
  KAFKA_PORT             port of the broker (9092)
  SCHEMA_REGISTRY_PORT   port of the registry (8081)
  MILLRACE_DIR           folder for the data (.millrace)
`);
  process.exit(0);
}

try {
  const names = { kafka: 'Kafka broker   ', registry: 'Schema registry' };
  const embedded = await startEmbedded(process.env, (part, address) =>
    console.log(`${names[part]}  ${address}`),
  );
  console.log(`Data in          ${process.env['MILLRACE_DIR'] || '.millrace'}\nCtrl-C stops both.`);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(130);
      stopping = true;
      void embedded.stop().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
