import { startKafka, type Kafka } from '../../src/index.ts';

/** A broker that the conformance suite runs against. */
export interface Target {
  readonly name: string;
  start(): Promise<{ broker: string; stop(): Promise<void> }>;
  /** Cases that do not hold there, with the reason. */
  readonly deviations: Readonly<Record<string, string>>;
}

const embedded: Target = {
  name: 'the embedded broker',
  async start() {
    const kafka: Kafka = await startKafka();
    return { broker: kafka.brokers[0]!, stop: () => kafka.stop() };
  },
  deviations: {},
};

const address = process.env['MILLRACE_TEST_KAFKA_BROKERS']?.split(',')[0];

const apache: Target = {
  name: 'Apache Kafka',
  start: async () => ({ broker: address!, stop: async () => undefined }),
  deviations: {},
};

/** The embedded broker always; Apache Kafka if MILLRACE_TEST_KAFKA_BROKERS says where it is. */
export const targets: readonly { target: Target; enabled: boolean }[] = [
  { target: embedded, enabled: true },
  { target: apache, enabled: address !== undefined },
];

const run = `${process.pid}-${Date.now().toString(36)}`;
let names = 0;

/** A name for a topic, group or transactional id that nobody else uses. */
export function freshName(what: string): string {
  return `conformance-${what}-${run}-${names++}`;
}
