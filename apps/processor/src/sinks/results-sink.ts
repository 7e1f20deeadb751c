import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { type Row, type StorageAdapter, StorageError, type Table } from '@millrace/storage';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from './backoff.ts';
import { resultRows } from './result-rows.ts';

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
    await this.#consumer.disconnect();
  }

  async #begin(): Promise<void> {
    const { tables, storage } = this.#options;
    for (const table of tables.values()) {
      await this.#untilDone(`creating table ${table.name}`, () => storage.ensureTable(table));
    }
    await this.#untilDone('joining the group of the results', async () => {
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics: [...tables.keys()], fromBeginning: true });
      await this.#consumer.run({ eachBatchAutoResolve: false, eachBatch: (payload) => this.#write(payload) });
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
      { beat: heartbeat, goOn: () => isRunning() && !isStale() },
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

  /** Repeats `work` with growing pauses until it succeeds; false when the sink or its claim on the partition ended first. */
  async #untilDone(
    what: string,
    work: () => Promise<unknown>,
    { beat, goOn }: { beat?: () => Promise<void>; goOn?: () => boolean } = {},
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
      }
    }
  }
}

function next(offset: string): string {
  return String(BigInt(offset) + 1n);
}
