import type { PipelineCounters } from './counters.ts';
import type { PartQuery, QueryAnswer } from '../queries/query.ts';
import type { GroupView } from '../group/group-assignment.ts';
import type { StandbyStatus } from '../state/standby-copies.ts';
import type { TaskStatus } from './task-status.ts';

/** How the tasks of a pipeline stand that run here. */
export interface RunnerStatus {
  readonly counters: Readonly<PipelineCounters>;
  readonly tasks: readonly TaskStatus[];
  readonly standbys: readonly StandbyStatus[];
  /** The least watermark of each view. */
  readonly watermarks: Readonly<Record<string, number>>;
  /** Everything that was counted is committed. */
  readonly isSettled: boolean;
  readonly isPaused: boolean;
  /** Who owns what by the newest assignment that was taken up here. */
  readonly group: GroupView | undefined;
}

/** Runs tasks of a pipeline: on this thread, or on others. */
export interface Runner {
  readonly status: RunnerStatus;
  /** Runs until `stop`. @throws what makes going on pointless */
  run(): Promise<void>;
  /** Commits what was counted and leaves the group; `run` ends. */
  stop(): void;
  pause(): void;
  resume(): void;
  query(query: PartQuery): Promise<QueryAnswer>;
  observeCommits(observer: (durationMs: number) => void): void;
}
