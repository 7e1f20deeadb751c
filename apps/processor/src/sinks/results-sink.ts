import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { type Row, type StorageAdapter, StorageError, type Table } from '@millrace/storage';
import { resultRows } from './result-rows.ts';
import { keepRetention } from './retention.ts';
import type { SinkMeter } from './sink-metrics.ts';
import { StoreCalls } from './store-calls.ts';
import { whileBeating } from './while-beating.ts';

export interface ResultsSinkOptions {
  readonly kafka: Kafka;
  readonly storage: StorageAdapter;
  /** One table for each results topic. */
  readonly tables: ReadonlyMap<string, Table>;
  readonly groupId: string;
  /** Decodes a Confluent-framed value. */
  readonly decode: (value: Buffer) => Promise<Row>;
  readonly log: (line: string) => void;
  /** Sets rows aside that the store refuses for good. */
  readonly refuse: (table: Table, rows: readonly Row[], error: StorageError) => Promise<void>;
  readonly meter: SinkMeter;
}

/** How long a broker may hold a fetch that has nothing; one that has something is answered at once. */
const MAX_WAIT_MS = 500;
/** The least that brokers allow: after a crash the sink that takes over waits no longer than this. */
const SESSION_TIMEOUT_MS = 6_000;

/**
 * Reads results topics (committed records only) and upserts them under their own keys, then commits the offsets: written
 * again after a crash, a row is the same row. A store that is down makes this sink wait, and nothing else.
 */
export class ResultsSink {
  readonly #options: ResultsSinkOptions;
  readonly #consumer: Consumer;
  readonly #stopping = new AbortController();
  readonly #calls: StoreCalls;
  #started = Promise.resolve();
  #endRetention = () => {};

  constructor(options: ResultsSinkOptions) {
    this.#options = options;
    const { storage, log, meter } = options;
    this.#calls = new StoreCalls({ store: storage.name, log, meter, signal: this.#stopping.signal });
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      retry: { restartOnFailure: async () => !this.#stopping.signal.aborted },
    });
  }

  /** Begins in the background; a store or broker that is not there yet is waited for. */
  start(): void {
    this.#started = this.#begin();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#started;
    this.#endRetention();
    await this.#consumer.disconnect();
  }

  async #begin(): Promise<void> {
    const { tables, storage } = this.#options;
    const made: string[] = [];
    const ready: string[] = [];
    for (const [topic, table] of tables) {
      try {
        await this.#calls.untilDone(`creating table ${table.name}`, async () => {
          if ((await storage.ensureTable(table)) === 'made') made.push(topic);
        });
        ready.push(topic);
      } catch (error) {
        // The other views' tables are not held up by it.
        this.#options.log(`${(error as Error).message} Until then its results wait in ${topic}.`);
      }
    }
    if (ready.length === 0) return;
    this.#endRetention = keepRetention({ storage, tables: tables.values(), log: this.#options.log });
    await this.#calls.untilDone('joining the group of the results', async () => {
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics: ready, fromBeginning: true });
      await this.#consumer.run({
        eachBatchAutoResolve: false,
        eachBatch: (payload) =>
          whileBeating(payload.heartbeat, (isMember) =>
            this.#write(payload, () => isMember() && payload.isRunning() && !payload.isStale()),
          ),
      });
      for (const topic of made) await this.#readAgain(topic);
    });
  }

  async #write(
    { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }: EachBatchPayload,
    goOn: () => boolean,
  ): Promise<void> {
    const { storage, tables, decode, meter } = this.#options;
    const table = tables.get(batch.topic);
    if (table === undefined) throw new Error(`no table for topic ${batch.topic}`);
    const { upserts, removals } = await resultRows(batch.messages, table, decode);
    try {
      const isWritten = await this.#calls.untilDone(
        `writing ${upserts.length} rows to ${storage.name}`,
        async () => {
          await this.#upsert(table, upserts);
          if (removals.length > 0) await storage.remove(table, removals);
        },
        goOn,
      );
      if (!isWritten) return;
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'STORAGE_TABLE_MISSING')) throw error;
      this.#options.log(`${error.message} It is filled from the results topic.`);
      await this.#fillAgain(batch.topic, table);
      return;
    }
    meter.rows(table.name, upserts.length);
    const offset = next(batch.lastOffset());
    meter.lag(batch.topic, batch.partition, Math.max(0, Number(batch.highWatermark) - Number(offset)));
    resolveOffset(batch.lastOffset());
    const { topic, partition } = batch;
    await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    await heartbeat();
  }

  /** Goes back to the first result there is where the group was further: what a table that was not there, or was wiped, has to be filled from. */
  async #readAgain(topic: string): Promise<void> {
    const admin = this.#options.kafka.admin();
    await admin.connect();
    try {
      const [committed] = await admin.fetchOffsets({ groupId: this.#options.groupId, topics: [topic] });
      const begun = new Set(
        committed?.partitions.filter(({ offset }) => Number(offset) >= 0).map((p) => p.partition),
      );
      for (const { partition, low } of await admin.fetchTopicOffsets(topic)) {
        if (begun.has(partition)) this.#consumer.seek({ topic, partition, offset: low });
      }
    } finally {
      await admin.disconnect();
    }
  }

  async #upsert(table: Table, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.#options.storage.upsert(table, rows);
    } catch (error) {
      if (!(error instanceof StorageError) || error.rows.length === 0) throw error;
      const refused = new Set(error.rows);
      await this.#options.refuse(
        table,
        rows.filter((_, index) => refused.has(index)),
        error,
      );
      this.#options.meter.refused(table.name, refused.size);
      await this.#upsert(
        table,
        rows.filter((_, index) => !refused.has(index)),
      );
    }
  }

  async #fillAgain(topic: string, table: Table): Promise<void> {
    await this.#options.storage.ensureTable(table);
    await this.#readAgain(topic);
  }
}

function next(offset: string): string {
  return String(BigInt(offset) + 1n);
}
