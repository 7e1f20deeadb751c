import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import type { OutgoingRecord } from '../transactional-sender.ts';

/** Where a record lies, committed. */
export interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface Waiting {
  readonly records: readonly OutgoingRecord[];
  resolve(placed: Placed[]): void;
  reject(error: Error): void;
}

/** More than this is not put into one transaction. */
const MAX_RECORDS = 5_000;
/** Requests that wait for a broker that is away; the next one is refused. */
const MAX_WAITING = 1_000;

/**
 * Writes records of many requests, each request whole or not at all: those that come while a transaction is under way share
 * the next one. After an error the outcome is unknown, and the producer is made anew.
 */
export class EventSender {
  readonly #kafka: Kafka;
  readonly #transactionalId: string;
  readonly #waiting: Waiting[] = [];
  #producer: Producer | undefined;
  #partitions = new Map<string, number>();
  #working: Promise<void> | undefined;
  #isDown = false;

  constructor(kafka: Kafka, transactionalId: string) {
    this.#kafka = kafka;
    this.#transactionalId = transactionalId;
  }

  /** Whether the last transaction failed. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Resolves when all of them are committed, with their places in the same order. */
  send(records: readonly OutgoingRecord[]): Promise<Placed[]> {
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(new Error(`${MAX_WAITING} requests wait for the broker already`));
    const result = new Promise<Placed[]>((resolve, reject) =>
      this.#waiting.push({ records, resolve, reject }),
    );
    this.#working ??= this.#work();
    return result;
  }

  async close(): Promise<void> {
    await this.#working;
    await this.#producer?.disconnect().catch(() => undefined);
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const requests = [this.#waiting.shift()!];
      for (let size = requests[0]!.records.length; this.#waiting.length > 0;) {
        size += this.#waiting[0]!.records.length;
        if (size > MAX_RECORDS) break;
        requests.push(this.#waiting.shift()!);
      }
      try {
        const placed = await this.#commit(requests.flatMap(({ records }) => records));
        this.#isDown = false;
        for (const { records, resolve } of requests) resolve(placed.splice(0, records.length));
      } catch (error) {
        this.#isDown = true;
        await this.#producer?.disconnect().catch(() => undefined);
        this.#producer = undefined;
        for (const { reject } of requests) reject(error as Error);
      }
    }
    this.#working = undefined;
  }

  async #commit(records: readonly OutgoingRecord[]): Promise<Placed[]> {
    this.#producer ??= await this.#connect([...new Set(records.map(({ topic }) => topic))]);
    const missing = records.find(({ topic }) => !this.#partitions.has(topic));
    if (missing !== undefined) await this.#learn([missing.topic]);
    const choose = Partitioners.DefaultPartitioner();
    const places = records.map(({ topic, key, value, headers, timestampMs }) => {
      const partitionMetadata = Array.from(
        { length: this.#partitions.get(topic) ?? 1 },
        (_, partitionId) => ({
          ...{ partitionErrorCode: 0, partitionId, leader: 0, replicas: [], isr: [] },
        }),
      );
      const message = { key, value, timestamp: String(timestampMs), ...(headers && { headers }) };
      return { topic, message: { ...message, partition: choose({ topic, partitionMetadata, message }) } };
    });
    const transaction = await this.#producer.transaction();
    try {
      const next = new Map<string, number>();
      for (const [topic, group] of Map.groupBy(places, (place) => place.topic)) {
        const written = await transaction.send({ topic, messages: group.map(({ message }) => message) });
        for (const { partition, baseOffset } of written)
          next.set(`${topic}/${partition}`, Number(baseOffset));
      }
      await transaction.commit();
      return places.map(({ topic, message: { partition } }) => {
        const name = `${topic}/${partition}`;
        const offset = next.get(name) ?? -1;
        next.set(name, offset + 1);
        return { topic, partition, offset };
      });
    } catch (error) {
      await transaction.abort().catch(() => undefined);
      throw error;
    }
  }

  async #connect(topics: readonly string[]): Promise<Producer> {
    const producer = this.#kafka.producer({
      transactionalId: this.#transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
    });
    await producer.connect();
    await this.#learn(topics);
    return producer;
  }

  async #learn(topics: readonly string[]): Promise<void> {
    const admin = this.#kafka.admin({ retry: { retries: 3, maxRetryTime: 1000 } });
    await admin.connect();
    try {
      const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
      for (const { name, partitions } of metadata.topics) this.#partitions.set(name, partitions.length);
    } finally {
      await admin.disconnect();
    }
  }
}
