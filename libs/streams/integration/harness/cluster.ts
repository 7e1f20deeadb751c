import { expect } from '@jest/globals';
import avsc from 'avsc';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { Producer } from 'kafkajs';
import type { SASLOptions } from '@platformatic/kafka';
import { startKafka } from '@millrace/embedded';
import type { Kafka as EmbeddedKafka } from '@millrace/embedded';
import { resultsSchema, topicNames, topologyOf } from '../../src/index.ts';
import type { PipelineDefinition } from '../../src/index.ts';
import { partitionCount } from './clicks.ts';
import type { Click } from './clicks.ts';
import { endsOf, readTopic } from './read-topic.ts';
import type { TestRecord } from './read-topic.ts';

export interface CountRow {
  readonly windowStart: number;
  readonly clicks: number;
  readonly numbers: number;
}

/** A log-in of the client under test, which the other one makes too. */
export interface OauthLogin extends SASLOptions {
  readonly mechanism: 'OAUTHBEARER';
  readonly token: () => Promise<string>;
}

/** Topics of suites that run beside each other on one broker differ by it. */
const run = `${Date.now().toString(36)}${process.pid.toString(36)}`;

/** The broker that a suite runs against, reached by another client than the one under test. */
export class TestCluster {
  readonly #external: readonly string[] | undefined;
  readonly #sasl: OauthLogin | undefined;
  #embedded: EmbeddedKafka | undefined;
  #client: { readonly kafka: Kafka; readonly producer: Producer } | undefined;
  readonly #names: string[] = [];

  /** Brokers that are there (separated by commas), or the embedded one. */
  constructor(brokers?: string, sasl?: OauthLogin) {
    this.#external = brokers?.split(',');
    this.#sasl = sasl;
  }

  static async start(brokers?: string, sasl?: OauthLogin): Promise<TestCluster> {
    const cluster = new TestCluster(brokers, sasl);
    await cluster.start();
    return cluster;
  }

  async start(): Promise<void> {
    if (this.#external === undefined)
      this.#embedded = await startKafka({ autoCreateTopics: false, minSessionTimeoutMs: 500 });
    const sasl = this.#sasl;
    const kafka = new Kafka({
      brokers: this.brokers,
      logLevel: logLevel.NOTHING,
      ...(sasl && {
        // Apache Kafka takes no renewal within a second of the log-in.
        reauthenticationThreshold: 2_000,
        sasl: {
          mechanism: 'oauthbearer',
          oauthBearerProvider: () => sasl.token().then((value) => ({ value })),
        },
      }),
    });
    const producer = kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      idempotent: true,
    });
    this.#client = { kafka, producer };
    await producer.connect();
  }

  /** Takes the topics under the names that it gave from a broker that stays. */
  async stop(): Promise<void> {
    if (this.#client === undefined) return;
    if (this.#external !== undefined && this.#names.length > 0) await this.#deleteTopics();
    await this.#producer.disconnect();
    await this.#embedded?.stop();
  }

  get brokers(): string[] {
    return [...(this.#external ?? this.#embedded!.brokers)];
  }

  /** Undefined on a real cluster. */
  get embedded(): EmbeddedKafka | undefined {
    return this.#embedded;
  }

  get #kafka(): Kafka {
    return this.#client!.kafka;
  }

  get #producer(): Producer {
    return this.#client!.producer;
  }

  /** A pipeline's name that no other test has; its topics begin with it. */
  unique(prefix: string): string {
    const name = `${prefix}-${run}-${this.#external === undefined ? 'e' : 'k'}${this.#names.length + 1}`;
    this.#names.push(name);
    return name;
  }

  async #deleteTopics(): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) =>
      this.#names.some((name) => topic.startsWith(`${name}-`) || topic.startsWith(`${name}.`)),
    );
    await admin.deleteTopics({ topics, timeout: 60_000 });
    await admin.disconnect();
  }

  async createTopic(topic: string, partitions = partitionCount): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, configEntries: [{ name: 'retention.ms', value: '-1' }] }],
      // The client gives up where a broker has not heard of them yet.
      waitForLeaders: false,
    });
    await patiently(() => admin.fetchTopicMetadata({ topics: [topic] }));
    await admin.disconnect();
  }

  async addPartitions(topic: string, count: number): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count }] });
    await until(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]!.partitions.length === count;
    });
    await admin.disconnect();
  }

  async send(topic: string, clicks: readonly (Click & { readonly partition: number })[]): Promise<void> {
    await this.sendRaw(
      topic,
      clicks.map(({ partition, ...click }) => ({ partition, key: click.user, value: JSON.stringify(click) })),
    );
  }

  async sendRaw(
    topic: string,
    messages: {
      partition: number;
      key: string | null;
      value: string | Buffer;
      headers?: Record<string, string>;
    }[],
  ): Promise<void> {
    for (let from = 0; from < messages.length; from += 5_000) {
      const some = messages.slice(from, from + 5_000);
      // Sent again under the same sequence numbers, so that it is there once.
      await patiently(() => this.#producer.send({ topic, acks: -1, messages: some }));
    }
  }

  /** How much a pipeline has not committed yet of all topics that its tasks read; 0 when it has come to the ends of all. */
  lag(definition: PipelineDefinition): Promise<number> {
    return patiently(() => this.#lag(definition));
  }

  async #lag(definition: PipelineDefinition): Promise<number> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      const committed = new Map(
        (await admin.fetchOffsets({ groupId: definition.name })).flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)]),
        ),
      );
      const topics = topologyOf(definition).stages.flatMap((stage) => stage.topics);
      const ends = await endsOf(this.#connecting, topics);
      return [...ends].reduce(
        (lag, [place, end]) => lag + Math.max(0, end - Math.max(0, committed.get(place) ?? 0)),
        0,
      );
    } finally {
      await admin.disconnect();
    }
  }

  /** All committed records of a topic up to where it ends now. */
  read(topic: string): Promise<TestRecord[]> {
    return readTopic(this.#kafka, this.#connecting, topic);
  }

  get #connecting() {
    return { brokers: this.brokers, ...(this.#sasl && { sasl: this.#sasl }) };
  }

  /** A view's results by key; a key that was handed out more than once is an error. */
  async results(definition: PipelineDefinition, view: string): Promise<Map<string, CountRow>> {
    const rows = new Map<string, CountRow>();
    for (const [key, all] of await this.allResults(definition, view)) {
      if (all.length > 1) throw new Error(`${view}: the result ${key} was handed out ${all.length} times`);
      rows.set(key, all[0]!);
    }
    return rows;
  }

  /** All results of a view by key, in order. */
  async allResults(definition: PipelineDefinition, view: string): Promise<Map<string, CountRow[]>> {
    const type = avsc.Type.forSchema(
      JSON.parse(JSON.stringify(resultsSchema(definition, view))) as avsc.Schema,
    );
    const rows = new Map<string, CountRow[]>();
    for (const { key, value } of await this.read(topicNames.results(definition.name, view)))
      rows.set(key!, [...(rows.get(key!) ?? []), type.fromBuffer(value!.subarray(5)) as CountRow]);
    return rows;
  }
}

const patienceMs = 60_000;

/** Repeats what failed while a broker may be away: the client gives up, for good, at many errors of a connection. */
async function patiently<T>(operation: () => Promise<T>): Promise<T> {
  const giveUpMs = performance.now() + patienceMs;
  for (;;)
    try {
      return await operation();
    } catch (error) {
      if (performance.now() > giveUpMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

/** What a view must give, counted here, of all windows but those of the last clicks. */
export function expectedCounts(
  clicks: readonly Click[],
  by: 'user' | 'page',
  windowMs = 1_000,
): Map<string, { clicks: number; numbers: number }> {
  const counts = new Map<string, { clicks: number; numbers: number }>();
  for (const click of clicks) {
    const key = JSON.stringify([click[by], Math.floor(click.time / windowMs) * windowMs]);
    const cell = counts.get(key) ?? { clicks: 0, numbers: 0 };
    counts.set(key, cell);
    cell.clicks++;
    cell.numbers += click.n;
  }
  return counts;
}

export function counted(
  rows: ReadonlyMap<string, CountRow>,
): Map<string, { clicks: number; numbers: number }> {
  return new Map([...rows].map(([key, { clicks, numbers }]) => [key, { clicks, numbers }]));
}

/** Waits until all clicks and the last ones are counted, committed and read again; then compares all windows. */
export async function expectAllCounted(
  cluster: TestCluster,
  definition: PipelineDefinition,
  clicks: readonly Click[],
) {
  await until(async () => (await cluster.lag(definition)) === 0);
  for (const [view, by] of [
    ['per_user', 'user'],
    ['per_page', 'page'],
  ] as const)
    expect(counted(await cluster.results(definition, view))).toEqual(expectedCounts(clicks, by));
}

/** Waits until something holds. @throws Error after `limitMs`, by default before a test's own time limit, so that the test cleans up */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 100_000): Promise<void> {
  const giveUpMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > giveUpMs) throw new Error(`did not hold within ${limitMs} ms: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
