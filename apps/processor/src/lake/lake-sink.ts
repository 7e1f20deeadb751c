import type { ValueReader } from '@millrace/schemas';
import { type Lake, StorageError } from '@millrace/storage';
import { pseudonymOf } from '@millrace/streams';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SinkMeter } from '../sinks/sink-metrics.ts';
import { StoreCalls } from '../sinks/store-calls.ts';
import { whileBeating } from '../sinks/while-beating.ts';
import type { LakeSource } from './lake-source.ts';
import { PartitionFile } from './partition-file.ts';

/** What all open files of this process may hold together, as the bytes lie in the log: some times that as columns in memory. */
const MAX_OPEN_BYTES = 32 << 20;
/** How often it is looked whether a file is due. */
const TICK_MS = 1_000;
/** So many commits of a topic later its small files are joined. */
const COMMITS_TO_COMPACT = 32;
const SESSION_TIMEOUT_MS = 6_000;
/** Partitions written at once: on S3 a commit is four requests one after the other. */
const COMMITS_IN_FLIGHT = 4;
/** A lake that is away must not keep a process from ending. */
const LAST_COMMIT_MS = 5_000;

export interface LakeSinkOptions {
  readonly kafka: Kafka;
  readonly lake: Lake;
  readonly sources: readonly LakeSource[];
  readonly groupId: string;
  readonly reader: (source: LakeSource) => ValueReader;
  /** A file is written when its first event has waited this long. */
  readonly fileMs: number;
  readonly meter: SinkMeter;
  readonly log: (line: string) => void;
  readonly now?: () => number;
}

/**
 * Writes the events of source topics (committed ones only) to the lake as files of offset ranges. The lake itself says where to
 * go on, so that each event is there once, whatever was killed when; the group's offsets only show how far it is.
 */
export class LakeSink {
  readonly #options: LakeSinkOptions;
  readonly #consumer: Consumer;
  readonly #calls: StoreCalls;
  readonly #stopping = new AbortController();
  readonly #now: () => number;
  readonly #topics: ReadonlyMap<string, { source: LakeSource; reader: ValueReader }>;
  readonly #partitions = new Map<string, PartitionFile>();
  readonly #commits = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();
  #started = Promise.resolve();
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: LakeSinkOptions) {
    this.#options = options;
    const { kafka, groupId, sources, reader, log, meter } = options;
    this.#now = options.now ?? Date.now;
    this.#topics = new Map(sources.map((source) => [source.topic, { source, reader: reader(source) }]));
    this.#calls = new StoreCalls({ store: 'the lake', log, meter, signal: this.#stopping.signal });
    this.#consumer = kafka.consumer({
      groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      retry: { restartOnFailure: async () => !this.#stopping.signal.aborted },
    });
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      for (const id of this.#partitions.keys()) {
        const { topic, partition } = parseId(id);
        // What waited of it is read again by its new owner.
        if (memberAssignment[topic]?.includes(partition) !== true) this.#partitions.delete(id);
      }
    });
  }

  /** Begins in the background; a lake or broker that is not there yet is waited for. */
  start(): void {
    this.#started = this.#begin();
  }

  /** Writes what is waiting, if the lake takes it soon, and leaves the group. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const last = this.#exclusive(() =>
      this.#commitAll(
        () => true,
        (work) => work(),
      ),
    );
    await Promise.race([
      last,
      sleep(LAST_COMMIT_MS, undefined, { ref: false }).then(() =>
        Promise.reject(new Error(`no answer within ${LAST_COMMIT_MS} ms`)),
      ),
    ]).catch((error: Error) =>
      this.#options.log(
        `the last events were not written: ${error.message}; they are read again at the next start`,
      ),
    );
    await this.#started;
    clearInterval(this.#ticking);
    await this.#consumer.disconnect();
  }

  async #begin(): Promise<void> {
    await this.#calls.untilDone('joining the group of the lake', async () => {
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics: [...this.#topics.keys()], fromBeginning: true });
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) =>
          whileBeating(payload.heartbeat, (isMember) =>
            this.#exclusive(() =>
              this.#take(payload, () => isMember() && payload.isRunning() && !payload.isStale()),
            ),
          ),
      });
    });
    const { fileMs, log } = this.#options;
    this.#ticking = setInterval(() => {
      const isDue = ({ openedMs }: PartitionFile) =>
        openedMs !== undefined && this.#now() - openedMs >= fileMs;
      if (![...this.#partitions.values()].some(isDue)) return;
      this.#exclusive(() => this.#commitAll(isDue)).catch((error: Error) => log(error.message));
    }, TICK_MS);
  }

  async #take({ batch, resolveOffset, heartbeat }: EachBatchPayload, goOn: () => boolean): Promise<void> {
    // A commit that is no longer waited for may still run: its file must not grow.
    if (this.#stopping.signal.aborted) return;
    const { meter } = this.#options;
    const id = idOf(batch.topic, batch.partition);
    let file = this.#partitions.get(id);
    if (file === undefined) {
      const opened = await this.#open(batch.topic, batch.partition, goOn);
      if (opened === undefined) return;
      this.#partitions.set(id, (file = opened));
      if (Number(batch.firstOffset()) !== file.position) {
        this.#consumer.seek({
          topic: batch.topic,
          partition: batch.partition,
          offset: String(file.position),
        });
        return;
      }
    }
    await this.#append(file, batch.topic, batch.messages);
    file.pass(Number(batch.lastOffset()) + 1, this.#now());
    resolveOffset(batch.lastOffset());
    meter.lag(batch.topic, batch.partition, Math.max(0, Number(batch.highWatermark) - file.position));
    const openBytes = [...this.#partitions.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    if (openBytes >= MAX_OPEN_BYTES)
      await this.#commitAll(
        () => true,
        (work) => this.#calls.untilDone('writing to the lake', work, goOn),
      );
    await heartbeat();
  }

  /** Where the lake says that a partition goes on; at its beginning if it has nothing of it. */
  async #open(topic: string, partition: number, goOn: () => boolean): Promise<PartitionFile | undefined> {
    const { lake, kafka, log } = this.#options;
    let position = 0;
    const isKnown = await this.#calls.untilDone(
      'asking the lake where to go on',
      async () => {
        const admin = kafka.admin();
        await admin.connect();
        const offsets = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
        const found = offsets.find((one) => one.partition === partition);
        position = (await lake.nextOffset(topic, partition)) ?? Number(found?.low ?? 0);
        if (position > Number(found?.high ?? position))
          log(
            `the lake holds offsets up to ${position} of ${topic}/${partition}, which ends at ${found?.high}: the topic was made anew; set LAKE_URL to another place for it`,
          );
      },
      goOn,
    );
    const { columns } = this.#topics.get(topic)!.source;
    return isKnown ? new PartitionFile({ lake, topic, partition, columns, position }) : undefined;
  }

  async #append(file: PartitionFile, topic: string, messages: readonly KafkaMessage[]): Promise<void> {
    const { source, reader } = this.#topics.get(topic)!;
    const { meter } = this.#options;
    const row = reader.row;
    for (const { offset, value } of messages) {
      if (value === null || Number(offset) < file.position) continue;
      let outcome = reader.read(value, 0, value.length);
      for (; outcome === 1; outcome = reader.read(value, 0, value.length)) await reader.resolve();
      const timeMs = row[source.eventTime];
      // The pipeline puts what cannot be read into its dead-letter topic.
      if (outcome !== 0 || typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs)) {
        meter.refused(topic, 1);
        continue;
      }
      for (const name of source.masked) {
        const text = row[name];
        if (typeof text === 'string') row[name] = pseudonymOf(text);
      }
      try {
        file.take({ row, offset: Number(offset), timeMs, bytes: value.length, nowMs: this.#now() });
      } catch (error) {
        if (!(error instanceof StorageError && error.code === 'STORAGE_ROW')) throw error;
        meter.refused(topic, 1);
        this.#options.log(`the lake refuses offset ${offset} of ${topic}: ${error.message}`);
      }
    }
  }

  /** Writes the chosen files, some at once; ends when all of them are done or given up. Joins those of topics that have many small ones. */
  async #commitAll(
    isChosen: (file: PartitionFile) => boolean,
    patiently: (work: () => Promise<void>) => Promise<unknown> = (work) =>
      this.#calls.untilDone('writing to the lake', work),
  ): Promise<void> {
    const waiting = [...this.#partitions].filter(([, file]) => isChosen(file) && file.openedMs !== undefined);
    const topics = new Set(waiting.map(([id]) => parseId(id).topic));
    const lane = async (): Promise<boolean> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        if (!(await this.#commit(next, patiently))) return false;
      return true;
    };
    const ends = await Promise.allSettled(Array.from({ length: COMMITS_IN_FLIGHT }, lane));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    if (ends.some((end) => end.status === 'fulfilled' && !end.value)) return;
    for (const topic of topics) await this.#compactNowAndThen(topic);
  }

  /** False when the sink ends. A file that another process was faster with is dropped: the lake then says anew where to go on. */
  async #commit(
    [id, file]: readonly [string, PartitionFile],
    patiently: (work: () => Promise<void>) => Promise<unknown>,
  ): Promise<boolean> {
    const { topic, partition } = parseId(id);
    let rows = 0;
    try {
      if ((await patiently(async () => void (rows = await file.commit()))) === false) return false;
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'STORAGE_CONFLICT')) throw error;
      this.#partitions.delete(id);
      return true;
    }
    this.#options.meter.rows(topic, rows);
    this.#commits.set(topic, (this.#commits.get(topic) ?? 0) + 1);
    await this.#consumer
      .commitOffsets([{ topic, partition, offset: String(file.position) }])
      .catch(() => undefined); // The lake knows better.
    return true;
  }

  async #compactNowAndThen(topic: string): Promise<void> {
    const { lake, log } = this.#options;
    if ((this.#commits.get(topic) ?? 0) < COMMITS_TO_COMPACT) return;
    this.#commits.set(topic, 0);
    await lake
      .compact(topic)
      .catch((error: Error) => log(`joining small files of ${topic} failed: ${error.message}; again later`));
  }

  /** Batches and the clock take turns: a file is filled and written by one of them at a time. */
  #exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const idOf = (topic: string, partition: number) => `${topic} ${partition}`;

function parseId(id: string): { topic: string; partition: number } {
  const [topic = '', partition] = id.split(' ');
  return { topic, partition: Number(partition) };
}
