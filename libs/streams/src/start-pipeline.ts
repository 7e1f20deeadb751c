import { randomUUID } from 'node:crypto';
import { watchPause } from './administration/pause-pipeline.ts';
import type { PipelineDefinition } from './definition/pipeline-definition.ts';
import { checkDefinition } from './definition/validate-definition.ts';
import { messageOf } from './kafka/broker-error.ts';
import { Cluster } from './kafka/cluster.ts';
import type { ClusterOptions } from './kafka/cluster.ts';
import { retrying } from './kafka/retry.ts';
import type { PipelineCounters } from './runtime/counters.ts';
import type { OnEvent, Serdes } from './runtime/ports.ts';
import { isWorthWaiting, prepare } from './runtime/preparation.ts';
import { queryTasks } from './runtime/query.ts';
import type { Query, QueryAnswer } from './runtime/query.ts';
import { defaultSettings } from './runtime/runtime-settings.ts';
import type { RuntimeSettings } from './runtime/runtime-settings.ts';
import type { StandbyStatus } from './state/standby-copies.ts';
import { Worker } from './runtime/worker.ts';
import { topologyOf } from './topology/topology.ts';

export interface StartOptions
  extends
    Pick<ClusterOptions, 'brokers' | 'tls' | 'sasl'>,
    Partial<Omit<RuntimeSettings, 'groupId' | 'transactionalId' | 'instanceId'>> {
  readonly serdes: Serdes;
  /** The consumer group, and part of the transactional id; the pipeline's name by default. */
  readonly applicationId?: string;
  /** A lasting name of this process: restarting under it takes over its tasks at once instead of after the session timeout. */
  readonly instanceId?: string;
  /** `wait` for a source topic that is not there yet instead of refusing to start. */
  readonly whenTopicMissing?: 'refuse' | 'wait';
  readonly onEvent?: OnEvent;
  /** Gives up waiting for a broker. */
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

export interface TaskStatus {
  readonly task: string;
  readonly stage: string;
  readonly topic: string;
  readonly partition: number;
  readonly state: 'restoring' | 'running';
  /** The next offset to read; of a task that reads several topics, the sum of theirs, as is `lag`. */
  readonly position: number;
  /** Records that are there and not counted yet; -1 before the first answer. */
  readonly lag: number;
  readonly watermark: number;
  readonly keys: number;
  readonly windows: number;
  /** Of its changelog that is still needed: about what a restore reads. */
  readonly stateBytes: number;
  /** How much of its state is there again, from 0 to 1. */
  readonly restored: number;
}

export interface RunningPipeline {
  readonly name: string;
  readonly state: 'running' | 'paused' | 'stopped' | 'failed';
  readonly counters: Readonly<PipelineCounters>;
  readonly tasks: readonly TaskStatus[];
  /** The copies that are kept here of the state of tasks elsewhere. */
  readonly standbys: readonly StandbyStatus[];
  /** Calls `observer` after each commit with how long it took. */
  observeCommits(observer: (durationMs: number) => void): void;
  /** Whether everything that was counted is committed. */
  readonly isSettled: boolean;
  /** Fulfilled once stopped; rejected with what made going on impossible. */
  readonly finished: Promise<void>;
  /** The least watermark of each view over the tasks here; -Infinity before the first event. */
  watermarks(): Record<string, number>;
  /** Reads open windows of a view, as far as their tasks are here. */
  query(query: Query): QueryAnswer;
  pause(): void;
  resume(): void;
  /** Commits what was counted and leaves the group. */
  stop(): Promise<void>;
}

/**
 * Runs a pipeline on a Kafka cluster, exactly once. Resolves when the cluster was reached and everything the pipeline needs is
 * there; until then it waits and says so by `onEvent`.
 * @throws DefinitionError, STREAMS_MISSING_TOPIC, STREAMS_PARTITION_COUNT, STREAMS_CHANGED_DEFINITION, STREAMS_STOPPED (signal)
 */
export async function startPipeline(
  definition: PipelineDefinition,
  options: StartOptions,
): Promise<RunningPipeline> {
  checkDefinition(definition);
  const { brokers, tls, sasl, serdes, applicationId = definition.name, instanceId } = options;
  const { onEvent = () => undefined, signal = new AbortController().signal, now = Date.now } = options;
  const topology = topologyOf(definition);
  const cluster = new Cluster({
    brokers,
    clientId: `millrace-${applicationId}`,
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
  });
  const settings: RuntimeSettings = {
    ...defaultSettings,
    ...given(options),
    groupId: applicationId,
    instanceId,
    transactionalId: `${applicationId}-${instanceId ?? randomUUID()}`,
  };
  try {
    const { whenTopicMissing = 'refuse' } = options;
    const prepared = await retrying(
      () => prepare({ cluster, definition, topology, serdes, groupId: settings.groupId, whenTopicMissing }),
      {
        signal,
        again: isWorthWaiting,
        onRetry: (error, attempt) => {
          if (attempt % 10 === 1)
            onEvent({
              level: 'warn',
              event: 'waiting',
              message: `pipeline "${definition.name}" is waiting: ${messageOf(error)}`,
              attempt,
            });
        },
      },
    );
    const worker = new Worker({ definition, topology, prepared, cluster, serdes, settings, onEvent, now });
    const pipeline = running({ definition, worker, cluster, onEvent, topology });
    const ended = new AbortController();
    void pipeline.finished.catch(() => undefined).finally(() => ended.abort());
    void watchPause({
      cluster,
      definition,
      applicationId,
      signal: ended.signal,
      onChange: (isPaused) => {
        onEvent({
          level: 'info',
          event: isPaused ? 'paused' : 'resumed',
          message: `pipeline "${definition.name}" was ${isPaused ? 'paused' : 'resumed'} from outside`,
        });
        if (isPaused) worker.pause();
        else worker.resume();
      },
    });
    return pipeline;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** Settings that were given, without those that were given as undefined. */
function given(options: StartOptions): Partial<RuntimeSettings> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => name in defaultSettings && value !== undefined),
  );
}

function running(parts: {
  readonly definition: PipelineDefinition;
  readonly worker: Worker;
  readonly cluster: Cluster;
  readonly onEvent: OnEvent;
  readonly topology: ReturnType<typeof topologyOf>;
}): RunningPipeline {
  const { definition, worker, cluster, onEvent, topology } = parts;
  let outcome: 'stopped' | 'failed' | undefined;
  const finished = worker
    .run()
    .then(
      () => {
        outcome = 'stopped';
      },
      (error: unknown) => {
        outcome = 'failed';
        const { code } = error as { code?: string };
        onEvent({ level: 'error', event: 'failed', message: messageOf(error), code });
        throw error;
      },
    )
    .finally(() => cluster.close());
  // Whoever does not look at `finished` hears of it by `onEvent`.
  finished.catch(() => undefined);
  return {
    name: definition.name,
    get state() {
      return outcome ?? (worker.isPaused ? 'paused' : 'running');
    },
    counters: worker.counters,
    get isSettled() {
      return worker.isSettled;
    },
    get tasks() {
      return [...worker.tasks.values()].map(
        ({ id, name, isRestoring, restored, inputs, views, watermark }) => {
          const stage = topology.stages[id.stage]!;
          return {
            task: name,
            stage: stage.name,
            topic: stage.topics.join(', '),
            partition: id.partition,
            state: isRestoring ? ('restoring' as const) : ('running' as const),
            position: inputs.reduce((sum, { position }) => sum + position, 0),
            lag: inputs.some(({ lag }) => lag < 0) ? -1 : inputs.reduce((sum, { lag }) => sum + lag, 0),
            watermark,
            keys: views.reduce((sum, view) => sum + view.size.keys, 0),
            windows: views.reduce((sum, view) => sum + view.size.windows, 0),
            stateBytes: views.reduce((sum, view) => sum + (view.log?.chunkBytes ?? 0), 0),
            restored: isRestoring ? restored : 1,
          };
        },
      );
    },
    get standbys() {
      return worker.standbys;
    },
    finished,
    observeCommits: (observer) => worker.observeCommits(observer),
    watermarks: () => {
      const watermarks: Record<string, number> = {};
      for (const { views, id } of worker.tasks.values())
        for (const { view, watermark } of views) {
          const stage = topology.stages[id.stage]!;
          // Partial windows are not the view yet.
          if (definition.views[view] === undefined || stage.partials.includes(view)) continue;
          watermarks[view] = Math.min(watermarks[view] ?? Infinity, watermark);
        }
      return watermarks;
    },
    query: (query) => queryTasks(definition, [...worker.tasks.values()], query),
    pause: () => worker.pause(),
    resume: () => worker.resume(),
    stop: async () => {
      if (outcome === undefined) await worker.stop();
      await finished.catch(() => undefined);
    },
  };
}
