import { randomUUID } from 'node:crypto';
import { watchPause } from './administration/pause-pipeline.ts';
import type { PipelineDefinition } from './definition/pipeline-definition.ts';
import { checkDefinition } from './definition/validate-definition.ts';
import { messageOf } from './kafka/broker-error.ts';
import { Cluster } from './kafka/cluster.ts';
import type { ClusterOptions } from './kafka/cluster.ts';
import { retrying } from './kafka/retry.ts';
import { loadOwnCode } from './own-code/load-own-code.ts';
import type { PipelineCounters } from './runtime/counters.ts';
import { localRunner } from './runtime/local-runner.ts';
import type { OnEvent, Serdes } from './runtime/ports.ts';
import { isWorthWaiting, prepare } from './runtime/preparation.ts';
import type { QueriesOptions } from './queries/ask-peer.ts';
import type { PeerQuery, Query, QueryAnswer } from './queries/query.ts';
import { QueryRouter } from './queries/query-router.ts';
import { defaultSettings } from './runtime/runtime-settings.ts';
import type { RuntimeSettings } from './runtime/runtime-settings.ts';
import { checkDiskState } from './state/check-disk-state.ts';
import type { StandbyStatus } from './state/standby-copies.ts';
import { loadSerdes } from './runtime/serdes-module.ts';
import type { SerdesModule } from './runtime/serdes-module.ts';
import type { Runner } from './runtime/runner.ts';
import type { TaskStatus } from './runtime/task-status.ts';
import { checkWorkers } from './runtime/threads/check-workers.ts';
import { workerThreads } from './runtime/threads/worker-threads.ts';
import { topologyOf } from './topology/topology.ts';

export interface StartOptions
  extends
    Pick<ClusterOptions, 'brokers' | 'tls' | 'sasl'>,
    Partial<Omit<RuntimeSettings, 'groupId' | 'transactionalId' | 'instanceId' | 'queryUrl'>> {
  /** An object; or, as `workers` above 1 need it, a module that makes one. */
  readonly serdes: Serdes | SerdesModule;
  /** Threads of this process that are members of the group, each with a producer of its own. Default 1: the calling thread. */
  readonly workers?: number;
  /** The consumer group, and part of the transactional id; the pipeline's name by default. */
  readonly applicationId?: string;
  /** A lasting name of this process: restarting under it takes over its tasks at once instead of after the session timeout. */
  readonly instanceId?: string;
  /** Lets `query` ask all instances, each of which mounts `queryHandler`; without it, only the tasks of this process. */
  readonly queries?: QueriesOptions;
  /** `wait` for a source topic that is not there yet instead of refusing to start. */
  readonly whenTopicMissing?: 'refuse' | 'wait';
  readonly onEvent?: OnEvent;
  /** Gives up waiting for a broker. */
  readonly signal?: AbortSignal;
  /** The clock, with one worker only. */
  readonly now?: () => number;
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
  /**
   * Reads open windows of a view as they are counted at the moment, committed or not: from all instances with `queries`, else
   * from the tasks of this process, as `isComplete` then says.
   * @throws STREAMS_QUERY, STREAMS_REBALANCING (ask again in a moment), STREAMS_PEER naming the instance that does not answer
   */
  query(query: Query): Promise<QueryAnswer>;
  /** What `queryHandler` calls for another instance. */
  answerPeer(query: PeerQuery): Promise<QueryAnswer>;
  pause(): void;
  resume(): void;
  /** Commits what was counted and leaves the group. */
  stop(): Promise<void>;
}

/**
 * Runs a pipeline on a Kafka cluster, exactly once. Resolves when the cluster was reached and everything the pipeline needs is
 * there; until then it waits and says so by `onEvent`.
 * @throws DefinitionError, STREAMS_MISSING_TOPIC, STREAMS_PARTITION_COUNT, STREAMS_CHANGED_DEFINITION, STREAMS_WORKERS, STREAMS_SERDE,
 * STREAMS_OWN_CODE, STREAMS_STATE (maxStateBytes), STREAMS_STOPPED (signal)
 */
export async function startPipeline(
  definition: PipelineDefinition,
  options: StartOptions,
): Promise<RunningPipeline> {
  checkDefinition(definition);
  checkWorkers(definition, options);
  checkDiskState(definition, options);
  const { brokers, tls, sasl, applicationId = definition.name, instanceId } = options;
  const { onEvent = () => undefined, signal = new AbortController().signal, now = Date.now } = options;
  const topology = topologyOf(definition);
  const clusterOptions: ClusterOptions = {
    brokers,
    clientId: `millrace-${applicationId}`,
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
  };
  const serdes = await loadSerdes(options.serdes);
  const ownCodes = await loadOwnCode(definition);
  const cluster = new Cluster(clusterOptions);
  const settings: RuntimeSettings = {
    ...defaultSettings,
    ...given(options),
    groupId: applicationId,
    instanceId,
    queryUrl: options.queries?.url,
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
    const { workers: count = 1 } = options;
    const runner =
      count === 1
        ? localRunner({ definition, topology, prepared, cluster, serdes, ownCodes, settings, onEvent, now })
        : workerThreads({
            count,
            onEvent,
            settings: {
              ...{ definition, prepared, settings, cluster: clusterOptions },
              serdes: options.serdes as SerdesModule,
            },
          });
    const router = new QueryRouter({
      ...{ definition, topology, runner, peers: options.queries },
      partitionsOf: (topic) => prepared.partitionCounts.get(topic)!,
    });
    const pipeline = running({ definition, runner, router, cluster, onEvent });
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
        if (isPaused) runner.pause();
        else runner.resume();
      },
    });
    return pipeline;
  } catch (error) {
    cluster.close();
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
  readonly runner: Runner;
  readonly router: QueryRouter;
  readonly cluster: Cluster;
  readonly onEvent: OnEvent;
}): RunningPipeline {
  const { definition, runner, router, cluster, onEvent } = parts;
  let outcome: 'stopped' | 'failed' | undefined;
  const finished = runner
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
      return outcome ?? (runner.status.isPaused ? 'paused' : 'running');
    },
    get counters() {
      return runner.status.counters;
    },
    get isSettled() {
      return runner.status.isSettled;
    },
    get tasks() {
      return runner.status.tasks;
    },
    get standbys() {
      return runner.status.standbys;
    },
    finished,
    observeCommits: (observer) => runner.observeCommits(observer),
    watermarks: () => runner.status.watermarks,
    query: (query) => router.query(query),
    answerPeer: (query) => router.answerPeer(query),
    pause: () => runner.pause(),
    resume: () => runner.resume(),
    stop: async () => {
      if (outcome === undefined) runner.stop();
      await finished.catch(() => undefined);
    },
  };
}
