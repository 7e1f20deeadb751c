import { startKafka, startRegistry } from '@millrace/embedded';
import { Kafka, logLevel } from 'kafkajs';
import { readConfig } from '../src/config.ts';
import { run } from '../src/run.ts';

/** An embedded broker and registry, and producers on them that simulate nothing. */
export async function startWorld() {
  const broker = await startKafka();
  const registry = await startRegistry({ kafka: broker });
  const kafka = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING });
  return {
    broker,
    kafka,
    registryUrl: registry.url,
    produce: (env: Record<string, string> = {}) =>
      run(
        readConfig({
          KAFKA_BROKERS: broker.brokers.join(','),
          SCHEMA_REGISTRY_URL: registry.url,
          PIPELINES: 'clickstream',
          CLICKSTREAM_EVENTS_PER_SECOND: '0',
          PRODUCER_PORT: '0',
          ...env,
        }),
        () => undefined,
      ),
    async stop() {
      await registry.stop();
      await broker.stop();
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
