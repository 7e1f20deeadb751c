/** Brokers and registries to test against: the embedded ones always, the real ones where their variables are set. */
import { describe } from '@jest/globals';
import { startKafka, startRegistry, type Kafka } from '@millrace/embedded';

export interface Services {
  readonly brokers: string[];
  readonly registryUrl: string;
  stop(): Promise<void>;
}

export interface EmbeddedServices extends Services {
  readonly kafka: Kafka;
}

export async function startEmbedded(): Promise<EmbeddedServices> {
  const kafka = await startKafka({ defaultPartitions: 3 });
  const registry = await startRegistry({ kafka: { brokers: kafka.brokers } });
  return {
    kafka,
    brokers: kafka.brokers,
    registryUrl: registry.url,
    async stop() {
      await registry.stop();
      await kafka.stop();
    },
  };
}

const realBrokers = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const realRegistry = process.env['MILLRACE_TEST_REGISTRY_URL'];

/** Runs the tests on the embedded services, and on Apache Kafka and the real registry. */
export function describeEverywhere(name: string, tests: (start: () => Promise<Services>) => void): void {
  describe(`${name}, embedded`, () => tests(startEmbedded));
  const onReal = realBrokers === undefined || realRegistry === undefined ? describe.skip : describe;
  onReal(`${name}, on Apache Kafka and a real registry`, () =>
    tests(() =>
      Promise.resolve({
        brokers: (realBrokers ?? '').split(','),
        registryUrl: realRegistry ?? '',
        stop: () => Promise.resolve(),
      }),
    ),
  );
}

let count = 0;

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `schemas-${prefix}-${process.pid}-${Date.now()}-${count++}`;
}
