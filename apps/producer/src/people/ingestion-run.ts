import type { IngestionRun } from '@millrace/schemas';
import type { FeedEvent } from '../feeds/feed.ts';
import type { SourcePosition } from '../sources/source.ts';
import type { Due } from './schedule.ts';

/** How far a run is: the source's position. */
export interface Progress extends Record<string, string | number> {
  readonly runId: string;
  readonly dueMs: number;
  readonly startedMs: number;
  readonly missed: number;
  /** The next page, from 1; 0 when the run has ended. */
  readonly page: number;
  readonly fetched: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  /** 1: the people are made. */
  readonly simulated: number;
}

export function beginRun(sourceName: string, { dueMs, missed }: Due, startedMs: number): Progress {
  const runId = `${sourceName} ${new Date(dueMs).toISOString()}`;
  const counts = { fetched: 0, created: 0, updated: 0, unchanged: 0, refused: 0 };
  return { runId, dueMs, startedMs, missed, page: 1, ...counts, simulated: 0 };
}

export function toProgress(position: SourcePosition | undefined): Progress | undefined {
  return position as Progress | undefined;
}

/** How the run stands, for the topic of runs. */
export function runEvent(
  { runId, dueMs, startedMs, missed, fetched, created, updated, unchanged, refused, simulated }: Progress,
  outcome: Pick<IngestionRun, 'status' | 'reason' | 'ended_at'>,
): FeedEvent {
  const value: IngestionRun = {
    ...{ run_id: runId, started_at: startedMs, due_at: dueMs, ...outcome, missed_runs: missed },
    ...{ fetched, created, updated, unchanged, refused, simulated: simulated === 1 },
  };
  return { source: 'runs', key: runId, value };
}
