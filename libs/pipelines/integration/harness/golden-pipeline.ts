import { isWindowed, startPipeline } from '@millrace/streams';
import type { PipelineDefinition, Row, RunningPipeline, StartOptions } from '@millrace/streams';
import type { EventProducer } from '@millrace/schemas';
import type { GoldenEvent } from '../../src/golden-event.ts';
import { pipelines } from '../../src/index.ts';
import { differences } from '../../testing/differences.ts';
import { finalRows } from '../../testing/final-rows.ts';
import { lastTimeMs, timeField } from '../../testing/golden-time.ts';
import type { GoldenCluster } from './golden-cluster.ts';
import { definitionAt, runtimeOptions } from './run.ts';
import type { InstanceSettings, Place } from './run.ts';

type Batch = (events: readonly GoldenEvent[]) => Record<string, readonly Row[]>;

export const partitionCount = 4;
/** Longer than any trial takes: windows close by events, not by silence. */
const neverIdleMs = 300_000;
const giveUpMs = 240_000;
/** For this long a result that was handed out again, or too many, has time to show. */
const afterwardsMs = 500;
/** The load under which faults happen: the input in this many portions, one every `portionMs`. */
const portions = 60;
const portionMs = 50;
const longAfterMs = 30 * 24 * 3_600_000;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const goldens = new Map(
  await Promise.all(
    pipelines.map(async ({ name }) => {
      const golden = `../../src/${name}/golden`;
      const { input } = (await import(`${golden}/input.ts`)) as { input: () => GoldenEvent[] };
      const { batch } = (await import(`${golden}/batch.ts`)) as { batch: Batch };
      return [name, { input, batch }] as const;
    }),
  ),
);

/** A pipeline in a trial of that name. */
export interface Case {
  readonly cluster: GoldenCluster;
  readonly pipeline: string;
  readonly trial: string;
}

/** What all names of a case begin with, and no others. */
export const prefixOf = ({ cluster, trial, pipeline }: Case) => `${cluster.run}-${trial}-${pipeline}`;

interface Parts {
  readonly cluster: GoldenCluster;
  readonly definition: PipelineDefinition;
  readonly place: Place;
  /** When every window of the input has closed, whatever its size. */
  readonly closingTimeMs: number;
  readonly events: readonly GoldenEvent[];
  readonly batch: Batch;
  readonly producer: EventProducer;
}

/** One pipeline in one trial: topics of its own, its golden input, and what must come out. */
export class GoldenPipeline {
  readonly definition: PipelineDefinition;
  readonly events: readonly GoldenEvent[];
  readonly recoveries = new Map<RunningPipeline, number>();
  readonly running: RunningPipeline[] = [];
  readonly #parts: Parts;
  readonly #keys = new Map<string | null, number>();
  readonly #closing: GoldenEvent[] = [];
  #loading: Promise<void> = Promise.resolve();
  #sent = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.definition = parts.definition;
    this.events = parts.events;
  }

  static async create(
    one: Case & { readonly idleAfterMs?: number; readonly partitions?: number },
  ): Promise<GoldenPipeline> {
    const { cluster, pipeline, idleAfterMs = neverIdleMs, partitions = partitionCount } = one;
    const { input, batch } = goldens.get(pipeline)!;
    const events = input();
    const name = prefixOf(one);
    const timely = { pipeline, name, topics: name, idleAfterMs, aheadMs: 0 };
    const closingTimeMs = lastTimeMs(definitionAt(timely), events) + longAfterMs;
    const place = { ...timely, aheadMs: Math.max(0, closingTimeMs - Date.now()) };
    const definition = definitionAt(place);
    const producer = await cluster.sources(definition, partitions);
    return new GoldenPipeline({ cluster, definition, place, closingTimeMs, events, batch, producer });
  }

  /** The same input, already sent, under another name. */
  as(name: string): GoldenPipeline {
    const other = new GoldenPipeline({ ...this.#parts, definition: { ...this.definition, name } });
    other.#closing.push(...this.#closing);
    return other;
  }

  /** Equal keys, and so rows that are joined, lie in equal partitions. */
  partitionOf({ key }: GoldenEvent): number {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    this.#keys.set(key, this.#keys.size % partitionCount);
    return this.#keys.get(key)!;
  }

  async send(events: readonly GoldenEvent[]): Promise<void> {
    for (const event of events) {
      const { key, value } = event;
      const partition = this.partitionOf(event);
      this.#parts.producer.send(this.definition.sources[event.source]!.topic, { key, value, partition });
    }
    await this.#parts.producer.flush();
  }

  /** Sends the next `count` portions of the input, as far as there are any, after those that are under way. */
  load(count: number): Promise<void> {
    const size = Math.ceil(this.events.length / portions);
    this.#loading = this.#loading.then(async () => {
      for (let left = count; left > 0 && this.#sent < this.events.length; left--, this.#sent += size) {
        await this.send(this.events.slice(this.#sent, this.#sent + size));
        await sleep(portionMs);
      }
    });
    this.#loading.catch(() => undefined);
    return this.#loading;
  }

  /** Sends one event of each source and partition so late that every window before has closed. */
  async close(): Promise<void> {
    for (const [source, { topic }] of Object.entries(this.definition.sources)) {
      const last = this.events.findLast((event) => event.source === source)!;
      const value = { ...last.value, [timeField(this.definition, source)]: this.#parts.closingTimeMs };
      for (let partition = 0; partition < partitionCount; partition++) {
        this.#closing.push({ ...last, value });
        this.#parts.producer.send(topic, { key: last.key, value, partition });
      }
    }
    await this.#parts.producer.flush();
  }

  async start(options: Partial<StartOptions> = {}): Promise<RunningPipeline> {
    const pipeline: RunningPipeline = await startPipeline(this.definition, {
      brokers: this.#parts.cluster.brokers,
      serdes: this.#parts.cluster.serdes,
      onEvent: ({ event }) => {
        if (event === 'recovering') this.recoveries.set(pipeline, (this.recoveries.get(pipeline) ?? 0) + 1);
      },
      ...runtimeOptions,
      ...options,
    });
    this.running.push(pipeline);
    return pipeline;
  }

  /** What an instance in another process has to know. */
  instance(
    instanceId: string,
    options: Pick<StartOptions, 'workers' | 'commitIntervalMs'> = {},
  ): InstanceSettings {
    const { place, cluster } = this.#parts;
    const { brokers, serdes } = cluster;
    return { place, options: { brokers: [...brokers], serdes, instanceId, ...options } };
  }

  /** Starts looking at the results; `differences` says, once there are none or nothing comes any more, what is otherwise than it must. */
  async results() {
    const { rows, stop } = await this.#parts.cluster.follow(this.definition);
    const unlike = (also: readonly GoldenEvent[]) => {
      const { views } = this.definition;
      const expected = this.#parts.batch([...this.events, ...this.#closing]);
      const withLate =
        also.length === 0 ? expected : this.#parts.batch([...this.events, ...this.#closing, ...also]);
      return Object.keys(views).flatMap((view) => {
        // Rows of a source are never late.
        const isRows = !isWindowed(views[view]!) && this.definition.sources[views[view]!.from] !== undefined;
        return this.#unlike(view, rows[view]!, (isRows ? withLate : expected)[view]!);
      });
    };
    const size = () => Object.values(rows).reduce((sum, some) => sum + some.length, 0);
    return {
      stop,
      /** Also when everything there has been stopped. `also` came too late to be counted in windows. */
      differences: async (also: readonly GoldenEvent[] = []): Promise<string[]> => {
        const endMs = Date.now() + giveUpMs;
        // Comparing takes its time: only when nothing has come for a moment.
        for (let [seen, compared] = [-1, -1]; Date.now() < endMs; seen = size(), await sleep(200)) {
          if (size() !== seen || seen === compared) continue;
          compared = seen;
          if (unlike(also).length === 0) break;
        }
        await sleep(afterwardsMs);
        return unlike(also).slice(0, 10);
      },
    };
  }

  #unlike(view: string, found: readonly Row[], expected: readonly Row[]): string[] {
    const lastMs = lastTimeMs(this.definition, this.events);
    const definition = this.definition.views[view]!;
    // The windows of the closing events stay open, and joins hold the events themselves.
    const time = isWindowed(definition) ? 'windowStart' : definition.time;
    const inTime = (row: Row) => time === undefined || Number(row[time]) <= lastMs;
    try {
      return differences(this.definition, view, {
        found: finalRows(this.definition, view, found).filter(inTime),
        expected: expected.filter(inTime),
      });
    } catch (error) {
      return [(error as Error).message];
    }
  }

  /** Waits for the results, stops everything, and looks once more; what is otherwise than a batch computation has it. */
  async outcome(): Promise<string[]> {
    const results = await this.results();
    try {
      const found = await results.differences();
      await this.stop();
      return found.length > 0 ? found : await results.differences();
    } finally {
      await this.stop();
      await results.stop();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((pipeline) => pipeline.stop()));
    await this.#parts.producer.close();
  }
}
