import type { Codec } from '@millrace/record-batch';

/** Everything about how a worker runs that is not the pipeline itself. Durations in milliseconds. */
export interface RuntimeSettings {
  readonly groupId: string;
  readonly transactionalId: string;
  readonly instanceId: string | undefined;
  /** Where other instances send queries for the tasks here; undefined: nowhere. */
  readonly queryUrl: string | undefined;
  /** `at-least-once` writes without transactions: faster by a few round trips a commit; after a crash records count twice. */
  readonly guarantee: 'exactly-once' | 'at-least-once';
  readonly commitIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly transactionTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly idleAfterMs: number;
  readonly startFrom: 'earliest' | 'latest';
  readonly compression: Codec;
  readonly fetchMaxWaitMs: number;
  readonly maxPartitionBytes: number;
  readonly maxQueuedBytes: number;
  readonly maxPendingBytes: number;
  /** Carries `traceparent` and `tracestate` headers from records to results. */
  readonly traceContext: boolean;
  /** A folder for checkpoints of state, which may be lost at any time; none are kept by default. */
  readonly stateDir: string | undefined;
  readonly checkpointIntervalMs: number;
  /**
   * Memory for windows, in all workers of the process together; what is more lies in files in `stateDir`, where
   * checkpoints are then written at a graceful stop only. Undefined: all state is in memory.
   */
  readonly maxStateBytes: number | undefined;
  /** Copies of each task's state that other instances keep, so that one of them goes on at once when its instance fails. */
  readonly standbys: number;
}

/** What a crash leaves to be read from the changelog, against one pause a task (see the README) and one writing of its state. */
const checkpointIntervalMs = 30_000;

/** As in Kafka Streams' exactly-once v2, where it has the same setting. */
export const defaultSettings = {
  guarantee: 'exactly-once',
  commitIntervalMs: 100,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  heartbeatIntervalMs: 1_000,
  transactionTimeoutMs: 10_000,
  stopTimeoutMs: 15_000,
  idleAfterMs: 10_000,
  startFrom: 'earliest',
  compression: 'none',
  fetchMaxWaitMs: 100,
  maxPartitionBytes: 1024 * 1024,
  maxQueuedBytes: 4 * 1024 * 1024,
  maxPendingBytes: 64 * 1024 * 1024,
  traceContext: false,
  stateDir: undefined,
  checkpointIntervalMs,
  maxStateBytes: undefined,
  standbys: 0,
} as const satisfies Partial<RuntimeSettings>;
