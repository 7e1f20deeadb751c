import { Kafka, logLevel } from 'kafkajs';
import { click, keyCount, keyNumber, startMs, windowMs } from './clicks.ts';
import type { Job } from './clicks.ts';
import type { ReadRecord } from './engine.ts';

/** The batch count: how often each key came in each minute, from the generator alone. */
export class BatchCount {
  readonly #job: Job;
  readonly #keys: number;
  readonly #counts: Int32Array;
  /** Results that there must be: one per key and minute that has events. */
  readonly results: number;

  constructor(job: Job, { events, users }: { readonly events: number; readonly users: number }) {
    this.#job = job;
    this.#keys = keyCount(job, users);
    const minutes = Math.floor((click(events - 1, users).event_time - startMs) / windowMs) + 1;
    this.#counts = new Int32Array(this.#keys * minutes);
    for (let n = 0; n < events; n++) {
      const { event_time, user_id, page } = click(n, users);
      this.#counts[this.#cell(job === 'wide' ? user_id : page, event_time)]!++;
    }
    this.results = this.#counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  }

  #cell(key: string, timeMs: number): number {
    return Math.floor((timeMs - startMs) / windowMs) * this.#keys + keyNumber(this.#job, key);
  }

  /**
   * How many results a topic (read_committed) lacks.
   *
   * @throws when it holds a result with another count, or twice
   */
  async missing(topic: string, brokers: readonly string[], read: ReadRecord): Promise<number> {
    const left = this.#counts.slice();
    let missing = this.results;
    await readAll(topic, brokers, async (key, value) => {
      const result = read(key, value);
      const { key: name, windowStart, count } = result instanceof Promise ? await result : result;
      const cell = this.#cell(name, windowStart);
      if (left[cell] !== count || count <= 0)
        throw new Error(
          `${topic}: ${name} at ${windowStart} is ${count}, expected ${this.#counts[cell]}${left[cell] === 0 ? ' once' : ''}`,
        );
      left[cell] = 0;
      missing--;
    });
    return missing;
  }
}

/** Hands out all committed records of a topic. */
export async function readAll(
  topic: string,
  brokers: readonly string[],
  visit: (key: Buffer, value: Buffer) => Promise<void>,
): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `${topic}-check`, maxWaitTimeInMs: 100 });
  await Promise.all([admin.connect(), consumer.connect()]);
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => [
      partition,
      { next: Number(low), end: Number(high) },
    ]),
  );
  await consumer.subscribe({ topic, fromBeginning: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const isDone = () => [...ends.values()].every(({ next, end }) => next >= end);
      if (isDone()) resolve();
      void consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: true,
        eachBatch: async ({ batch }) => {
          try {
            for (const { key, value } of batch.messages) await visit(key!, value!);
          } catch (error) {
            reject(error as Error);
          }
          // Markers of transactions have offsets, too: the last offset of a batch counts them.
          ends.get(batch.partition)!.next = Number(batch.lastOffset()) + 1;
          if (isDone()) resolve();
        },
      });
    });
  } finally {
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
  }
}
