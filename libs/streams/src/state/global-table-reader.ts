import { RecordCursor } from '@millrace/record-batch';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { messageOf } from '../kafka/broker-error.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { pause, retrying } from '../kafka/retry.ts';
import type { PipelineCounters } from '../runtime/counters.ts';
import { Fetcher } from '../runtime/fetcher.ts';
import type { GlobalTable, GlobalTables } from './global-tables.ts';
import { PartitionInput } from '../tasks/partition-input.ts';
import type { OnEvent, Serdes, ValueReader } from '../runtime/ports.ts';

export interface GlobalTableReaderOptions {
  readonly definition: PipelineDefinition;
  readonly tables: GlobalTables;
  readonly partitionCounts: ReadonlyMap<string, number>;
  readonly cluster: Cluster;
  readonly serdes: Serdes;
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  readonly counters: PipelineCounters;
  readonly onEvent: OnEvent;
  readonly now: () => number;
}

interface Partition {
  readonly source: string;
  readonly table: GlobalTable;
  readonly reader: ValueReader;
  readonly input: PartitionInput;
  /** Where the topic ended when reading began. */
  readonly end: number;
  position: number;
}

const maxPartitionBytes = 1024 * 1024;
/** Between two tries to get a schema. */
const retryMs = 1_000;

/** Reads the topics of global tables from their beginning, and goes on reading. */
export class GlobalTableReader {
  readonly #options: GlobalTableReaderOptions;
  readonly #fetcher: Fetcher;
  readonly #partitions: Partition[] = [];
  readonly #cursor = new RecordCursor();
  #isDraining = false;
  #onRead: (() => void) | undefined;

  constructor(options: GlobalTableReaderOptions) {
    this.#options = options;
    const { cluster, maxWaitMs, now, onEvent } = options;
    this.#fetcher = new Fetcher({
      cluster,
      maxWaitMs,
      maxPartitionBytes,
      maxQueuedBytes: maxPartitionBytes,
      now,
      onData: () => void this.#drain(),
      onError: (error) => onEvent({ level: 'warn', event: 'fetch-failed', message: messageOf(error) }),
      onOutOfRange: (input) => void this.#toStart(input),
    });
  }

  /** Fulfilled when each table has been read as far as its topic went at the call (or at the signal). */
  async open(): Promise<void> {
    const { definition, tables, partitionCounts, cluster, serdes, signal, now } = this.#options;
    for (const [source, table] of tables.bySource) {
      const { topic, schema } = definition.sources[source]!;
      const places = Array.from({ length: partitionCounts.get(topic)! }, (_, partition) => ({
        topic,
        partition,
      }));
      const at = (timestampMs: number) =>
        retrying(() => cluster.listOffsets(places, timestampMs, 'committed'), { signal });
      const [starts, ends] = [await at(-2), await at(-1)];
      const reader = serdes.reader({ topic, schema, fields: table.fields });
      for (const place of places) {
        const offset = starts[place.partition]!;
        const input = new PartitionInput({ ...place, offset, nowMs: now() });
        const end = ends[place.partition]!;
        this.#partitions.push({ source, table, reader, input, end, position: offset });
        this.#fetcher.add(input);
      }
    }
    if (this.#isRead) return;
    await new Promise<void>((resolve) => {
      this.#onRead = resolve;
      signal.addEventListener('abort', () => resolve());
    });
  }

  stop(): void {
    this.#fetcher.stop();
  }

  get #isRead(): boolean {
    return this.#partitions.every(({ position, end }) => position >= end);
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (let any = true; any && !this.#options.signal.aborted;) {
      any = false;
      for (const partition of this.#partitions) {
        if (partition.input.head === undefined) continue;
        any = true;
        await this.#takeHead(partition);
        await new Promise(setImmediate);
      }
      this.#fetcher.wake();
    }
    this.#isDraining = false;
    if (this.#isRead) this.#onRead?.();
  }

  async #takeHead(partition: Partition): Promise<void> {
    const { table, reader, input } = partition;
    const { bytes, fromOffset, endOffset, abortedTransactions } = input.head!;
    const cursor = this.#cursor;
    cursor.open(bytes, { fromOffset, abortedTransactions });
    while (this.#next(partition)) {
      const { keyStart, keyEnd, valueStart, valueEnd } = cursor;
      const key = keyStart < 0 ? null : cursor.bytes.toString('latin1', keyStart, keyEnd);
      if (valueStart < 0) {
        table.put(key, null);
        continue;
      }
      let status = reader.read(cursor.bytes, valueStart, valueEnd);
      while (status === 1 && !this.#options.signal.aborted) {
        await reader.resolve().catch(() => pause(retryMs, this.#options.signal));
        status = reader.read(cursor.bytes, valueStart, valueEnd);
      }
      if (status === 2) this.#refuse(partition, reader.fault?.message ?? 'it cannot be read');
      else if (!table.put(key, reader.row))
        this.#refuse(partition, 'it has no value in a field that it is joined by');
    }
    partition.position = endOffset;
    input.shift();
  }

  /** Goes to the next record; a batch that is damaged is counted as one. */
  #next(partition: Partition): boolean {
    for (;;)
      try {
        return this.#cursor.next();
      } catch (error) {
        this.#refuse(partition, messageOf(error));
      }
  }

  /** The row is not in the table; the instance that holds the table is not the one to write it elsewhere. */
  #refuse({ source, input }: Partition, reason: string): void {
    const { counters, onEvent } = this.#options;
    counters.globalTableRefused++;
    onEvent({
      level: 'warn',
      event: 'global-table-record-refused',
      message: `a record of global table "${source}" (${input.topic}/${input.partition} offset ${this.#cursor.offset}) is left out: ${reason}`,
      topic: input.topic,
      partition: input.partition,
      offset: this.#cursor.offset,
    });
  }

  async #toStart(input: PartitionInput): Promise<void> {
    const { cluster, signal } = this.#options;
    const [start = 0] = await retrying(() => cluster.listOffsets([input], -2, 'uncommitted'), { signal });
    input.fetchOffset = start;
    this.#fetcher.wake();
  }
}
