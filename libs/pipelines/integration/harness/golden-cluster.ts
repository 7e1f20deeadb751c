import { Kafka, logLevel } from 'kafkajs';
import { startRegistry } from '@millrace/embedded';
import type { RunningRegistry } from '@millrace/embedded';
import { OwnBroker } from '@millrace/embedded/testing';
import { connectRegistry, createDecoder, createProducer, registrySerdes } from '@millrace/schemas';
import type { EventProducer, Registry } from '@millrace/schemas';
import { topicNames } from '@millrace/streams';
import type { PipelineDefinition, Row, SerdesModule } from '@millrace/streams';
import { CountingProxy } from './counting-proxy.ts';
import { parsedRow, retractedRow } from './result-rows.ts';

export interface RawRecord {
  readonly partition: number;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A broker that has much to do takes its time. */
const deleteLimitMs = 60_000;

/** Where the trials run: a broker of the suite's own that can be killed, embedded or (given its jars) Apache Kafka's, or one that is there. */
export type Platform = { readonly kafkaLibs: string | undefined } | { readonly brokers: string };

/** A broker and a registry, reached by another client than the one under test. */
export class GoldenCluster {
  readonly brokers: readonly string[];
  /** Part of all names, so that runs on one broker do not meet. */
  readonly run = `g${Date.now().toString(36)}`;
  /** Knows what was asked of the registry. */
  readonly registryProxy: CountingProxy;
  readonly #own: OwnBroker | undefined;
  readonly #schemasTopic: string;
  readonly #registry: RunningRegistry;
  readonly #kafka: Kafka;
  readonly #connection: Registry;

  private constructor(parts: {
    readonly brokers: readonly string[];
    readonly own: OwnBroker | undefined;
    readonly schemasTopic: string;
    readonly registry: RunningRegistry;
    readonly proxy: CountingProxy;
  }) {
    this.brokers = parts.brokers;
    this.registryProxy = parts.proxy;
    this.#own = parts.own;
    this.#schemasTopic = parts.schemasTopic;
    this.#registry = parts.registry;
    this.#kafka = new Kafka({ brokers: [...parts.brokers], logLevel: logLevel.NOTHING });
    this.#connection = connectRegistry({ url: parts.proxy.url });
  }

  static async start(platform: Platform): Promise<GoldenCluster> {
    const own = 'brokers' in platform ? undefined : await OwnBroker.start(platform.kafkaLibs);
    const brokers = 'brokers' in platform ? platform.brokers.split(',') : own!.brokers;
    const schemasTopic = `golden-schemas-${Date.now().toString(36)}`;
    const registry = await startRegistry({ kafka: { brokers }, topic: schemasTopic });
    const proxy = await CountingProxy.start(registry.url);
    return new GoldenCluster({ brokers, own, schemasTopic, registry, proxy });
  }

  /** The broker that may be killed. */
  get broker(): OwnBroker {
    if (this.#own === undefined) throw new Error('this broker is used by others and is not to be harmed');
    return this.#own;
  }

  async stop(): Promise<void> {
    await this.registryProxy.stop();
    await this.#registry.stop();
    await this.removeTopics(this.#schemasTopic);
    await this.#own?.remove();
  }

  /** As data, so that threads and other processes can have it. */
  get serdes(): SerdesModule {
    return registrySerdes({ url: this.registryProxy.url, autoRegister: true });
  }

  /** Deletes the topics whose names begin so; what a broker keeps of their groups goes with them. */
  async removeTopics(prefix: string): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    await admin.deleteTopics({ topics, timeout: deleteLimitMs });
    await admin.disconnect();
  }

  /** Makes the topics of a pipeline's sources; returns what sends into them. */
  async sources(definition: PipelineDefinition, partitions: number): Promise<EventProducer> {
    const sources = Object.values(definition.sources);
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createTopics({
      // The producer waits for them.
      waitForLeaders: false,
      topics: sources.map(({ topic }) => ({
        topic,
        numPartitions: partitions,
        configEntries: [{ name: 'retention.ms', value: '-1' }],
      })),
    });
    await admin.disconnect();
    return createProducer({
      brokers: this.brokers,
      registry: this.#connection,
      schemas: Object.fromEntries(sources.map(({ topic, schema }) => [topic, schema])),
      autoRegister: true,
      lingerMs: 1,
    });
  }

  /** Sends bytes as they are, past every check. */
  async sendRaw(topic: string, messages: readonly { partition: number; value: Buffer }[]): Promise<void> {
    const producer = this.#kafka.producer();
    await producer.connect();
    for (let from = 0; from < messages.length; from += 10_000)
      await producer.send({
        topic,
        messages: messages.slice(from, from + 10_000).map((one) => ({ ...one })),
      });
    await producer.disconnect();
  }

  /** Follows a topic; `records` grows. */
  async followRaw(topic: string) {
    const records: RawRecord[] = [];
    const stop = await this.#consume([topic], (_, { partition, value, headers }) => {
      records.push({ partition, value, headers });
    });
    return { records: records as readonly RawRecord[], stop };
  }

  /** Follows the results topics of a pipeline that has been started; `rows` grows. */
  async follow(definition: PipelineDefinition) {
    const decoder = createDecoder<Record<string, unknown>>({ registry: this.#connection });
    const views = new Map(
      Object.keys(definition.views).map((view) => [topicNames.results(definition.name, view), view]),
    );
    const rows: Record<string, Row[]> = {};
    for (const view of views.values()) rows[view] = [];
    const stop = await this.#consume([...views.keys()], async (topic, { key, value }) => {
      const view = views.get(topic)!;
      rows[view]!.push(
        value === null
          ? retractedRow(definition, view, String(key))
          : parsedRow(definition, view, await decoder.decode(value)),
      );
    });
    return { rows: rows as Readonly<Record<string, readonly Row[]>>, stop };
  }

  async #consume(
    topics: string[],
    take: (topic: string, record: RawRecord & { readonly key: Buffer | null }) => void | Promise<void>,
  ): Promise<() => Promise<void>> {
    const groupId = `check-${topics[0]}-${Math.random()}`;
    const consumer = this.#kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        for (const { key, value, headers = {} } of messages) {
          const texts = Object.entries(headers).map(([name, header]) => [name, String(header)]);
          await take(topic, { partition, key, value, headers: Object.fromEntries(texts) });
        }
      },
    });
    return () => consumer.disconnect();
  }
}
