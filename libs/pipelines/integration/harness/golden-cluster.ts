import { Kafka, logLevel } from 'kafkajs';
import { startKafka, startRegistry } from '@millrace/embedded';
import type { Kafka as EmbeddedKafka, RunningRegistry } from '@millrace/embedded';
import { connectRegistry, createDecoder, createProducer, createSerdes } from '@millrace/schemas';
import type { Registry } from '@millrace/schemas';
import { topicNames, viewColumns } from '@millrace/streams';
import type { PipelineDefinition, Row, Serdes } from '@millrace/streams';
import type { GoldenEvent } from '../../src/golden-event.ts';
import { lastTimeMs, timeField } from '../../testing/golden-time.ts';

export const partitionCount = 4;

/** A broker and a registry, reached by another client than the one under test. */
export class GoldenCluster {
  readonly brokers: string[];
  readonly #embedded: EmbeddedKafka | undefined;
  readonly #registry: RunningRegistry;
  readonly #kafka: Kafka;
  readonly #connection: Registry;

  private constructor(brokers: string[], embedded: EmbeddedKafka | undefined, registry: RunningRegistry) {
    this.brokers = brokers;
    this.#embedded = embedded;
    this.#registry = registry;
    this.#kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    this.#connection = connectRegistry({ url: registry.url });
  }

  static async start(brokers: string | undefined, run: string): Promise<GoldenCluster> {
    const embedded = brokers === undefined ? await startKafka({ autoCreateTopics: false }) : undefined;
    const addresses = brokers?.split(',') ?? embedded!.brokers;
    const registry = await startRegistry({ kafka: { brokers: addresses }, topic: `${run}-schemas` });
    return new GoldenCluster(addresses, embedded, registry);
  }

  async stop(): Promise<void> {
    await this.#registry.stop();
    await this.#embedded?.stop();
  }

  get registryUrl(): string {
    return this.#registry.url;
  }

  get serdes(): Serdes {
    return createSerdes({ registry: this.#connection, autoRegister: true });
  }

  /**
   * Makes the topics of a pipeline's sources. `send` writes events into them by their keys; `close` repeats each partition's last
   * event at a time at which every window before has closed, and returns these events.
   */
  async sources(definition: PipelineDefinition) {
    const sources = Object.values(definition.sources);
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: sources.map(({ topic }) => ({
        topic,
        numPartitions: partitionCount,
        configEntries: [{ name: 'retention.ms', value: '-1' }],
      })),
    });
    await admin.disconnect();
    const producer = await createProducer({
      brokers: this.brokers,
      registry: this.#connection,
      schemas: Object.fromEntries(sources.map(({ topic, schema }) => [topic, schema])),
      autoRegister: true,
      lingerMs: 1,
    });
    const last = new Map<string, GoldenEvent & { readonly partition: number }>();
    return {
      send: async (events: readonly GoldenEvent[]): Promise<void> => {
        const sent = events.map(async ({ source, key, value }) =>
          producer.deliver(definition.sources[source]!.topic, { key, value }),
        );
        const delivered = await Promise.all(sent);
        events.forEach((event, at) => {
          const { partition } = delivered[at]!;
          last.set(`${event.source}/${partition}`, { ...event, partition });
        });
      },
      close: async (timeMs: number): Promise<GoldenEvent[]> => {
        const closing = [...last.values()].map((event) => ({
          ...event,
          value: { ...event.value, [timeField(definition, event.source)]: timeMs },
        }));
        for (const { source, key, value, partition } of closing)
          producer.send(definition.sources[source]!.topic, { key, value, partition });
        await producer.close();
        return closing;
      },
    };
  }

  /** Follows the results topics of a pipeline that has been started; `rows` grows. */
  async follow(definition: PipelineDefinition) {
    const decoder = createDecoder<Record<string, unknown>>({ registry: this.#connection });
    const views = new Map(
      Object.keys(definition.views).map((view) => [topicNames.results(definition.name, view), view]),
    );
    const rows: Record<string, Row[]> = {};
    for (const view of views.values()) rows[view] = [];
    const consumer = this.#kafka.consumer({ groupId: `${definition.name}-check` });
    await consumer.connect();
    await consumer.subscribe({ topics: [...views.keys()], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message: { key, value } }) => {
        const view = views.get(topic)!;
        rows[view]!.push(
          value === null
            ? retracted(definition, view, String(key))
            : parsed(definition, view, await decoder.decode(value)),
        );
      },
    });
    return { rows: rows as Readonly<Record<string, readonly Row[]>>, stop: () => consumer.disconnect() };
  }
}

/** A tombstone's key says which row is gone. */
function retracted(definition: PipelineDefinition, view: string, key: string): Row {
  const { by = [] } = definition.views[view]!;
  const values = JSON.parse(key) as unknown[];
  return {
    ...Object.fromEntries(by.map((name, at) => [name, values[at]])),
    windowStart: values[by.length] ?? null,
    state: 'retracted',
  };
}

function parsed(definition: PipelineDefinition, view: string, row: Record<string, unknown>): Row {
  const isJson = new Set(
    viewColumns(definition, view)
      .filter(({ type }) => type === 'json')
      .map(({ name }) => name),
  );
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      isJson.has(name) && typeof value === 'string' ? (JSON.parse(value) as unknown) : value,
    ]),
  );
}

/** When every window before has closed, whatever its size. */
export const closingTime = (definition: PipelineDefinition, events: readonly GoldenEvent[]): number =>
  lastTimeMs(definition, events) + 30 * 24 * 3_600_000;
