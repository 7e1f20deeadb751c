import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { type Row, type StorageAdapter, StorageError, type Table } from '@millrace/storage';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from './backoff.ts';
import { resultRows } from './result-rows.ts';
import { keepRetention } from './retention.ts';

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
  readonly onWritten?: (table: string, rows: number) => void;
}

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
  #started = Promise.resolve();
  #endRetention = () => {};

  constructor(options: ResultsSinkOptions) {
    this.#options = options;
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      maxWaitTimeInMs: 100,
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
    for (const [topic, table] of tables) {
      await this.#untilDone(`creating table ${table.name}`, async () => {
        if ((await storage.ensureTable(table)) === 'made') made.push(topic);
      });
    }
    this.#endRetention = keepRetention({ storage, tables: tables.values(), log: this.#options.log });
    await this.#untilDone('joining the group of the results', async () => {
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics: [...tables.keys()], fromBeginning: true });
      await this.#consumer.run({ eachBatchAutoResolve: false, eachBatch: (payload) => this.#write(payload) });
      for (const topic of made) await this.#readAgain(topic);
    });
  }

  async #write({
    batch,
    resolveOffset,
    heartbeat,
    commitOffsetsIfNecessary,
    isRunning,
    isStale,
  }: EachBatchPayload): Promise<void> {
    const { storage, tables, decode, onWritten } = this.#options;
    const table = tables.get(batch.topic);
    if (table === undefined) throw new Error(`no table for topic ${batch.topic}`);
    const { upserts, removals } = await resultRows(batch.messages, table, decode);
    const written = await this.#untilDone(
      `writing ${upserts.length} rows to ${storage.name}`,
      async () => {
        await this.#upsert(table, upserts);
        if (removals.length > 0) await storage.remove(table, removals);
      },
      {
        beat: heartbeat,
        goOn: () => isRunning() && !isStale(),
        wiped: () => this.#fillAgain(batch.topic, table),
      },
    );
    if (!written) return;
    onWritten?.(table.name, upserts.length);
    resolveOffset(batch.lastOffset());
    await commitOffsetsIfNecessary({
      topics: [
        {
          topic: batch.topic,
          partitions: [{ partition: batch.partition, offset: next(batch.lastOffset()) }],
        },
      ],
    });
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

  /**
   * Repeats `work` with growing pauses until it succeeds; false when the sink or its claim on the partition ended first, or
   * when the table is gone and `wiped` has seen to it.
   */
  async #untilDone(
    what: string,
    work: () => Promise<unknown>,
    { beat, goOn, wiped }: Patience = {},
  ): Promise<boolean> {
    const backoff = new Backoff({ firstMs: 100, maxMs: 5000 });
    for (;;) {
      if (this.#stopping.signal.aborted || goOn?.() === false) return false;
      try {
        await work();
        return true;
      } catch (error) {
        const pauseMs = backoff.nextMs();
        this.#options.log(`${what} failed: ${(error as Error).message}; again in ${pauseMs} ms`);
        await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
        await beat?.();
        if (wiped !== undefined && error instanceof StorageError && error.code === 'STORAGE_TABLE_MISSING') {
          await wiped();
          return false;
        }
      }
    }
  }
}

interface Patience {
  /** Tells the group that this member lives. */
  readonly beat?: () => Promise<void>;
  readonly goOn?: () => boolean;
  /** Makes the table anew where the store has lost it. */
  readonly wiped?: () => Promise<void>;
}

function next(offset: string): string {
  return String(BigInt(offset) + 1n);
}
