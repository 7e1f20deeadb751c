import { newCounters } from '../counters.ts';
import type { PipelineCounters } from '../counters.ts';
import type { OnEvent } from '../ports.ts';
import { mergeAnswers } from '../../queries/query.ts';
import type { Runner, RunnerStatus } from '../runner.ts';
import type { ThreadSettings } from './thread-messages.ts';
import { WorkerThread } from './worker-thread.ts';

export interface WorkerThreadsOptions {
  readonly count: number;
  readonly settings: Omit<ThreadSettings, 'count'>;
  readonly onEvent: OnEvent;
}

/**
 * Runs several workers, each on a thread of its own. When one ends in an error the others commit, leave the group and end too,
 * so that instances elsewhere take over at once.
 */
export function workerThreads({ count, settings, onEvent }: WorkerThreadsOptions): Runner {
  const threads = Array.from({ length: count }, (_, at) => {
    const number = at + 1;
    const { transactionalId, instanceId, maxStateBytes } = settings.settings;
    return new WorkerThread({
      number,
      onEvent,
      settings: {
        ...settings,
        count,
        settings: {
          ...settings.settings,
          transactionalId: `${transactionalId}.${number}`,
          maxStateBytes: maxStateBytes === undefined ? undefined : maxStateBytes / count,
          instanceId: instanceId === undefined ? undefined : `${instanceId}.${number}`,
        },
      },
    });
  });
  void Promise.all(threads.map(({ ready }) => ready)).then(() => threads.forEach((thread) => thread.join()));
  const stop = () => threads.forEach((thread) => thread.stop());
  return {
    get status() {
      return mergeStatus(threads.map(({ status }) => status));
    },
    run: async () => {
      const failures: unknown[] = [];
      await Promise.all(
        threads.map((thread) =>
          thread.run().catch((error: unknown) => {
            failures.push(error);
            stop();
          }),
        ),
      );
      if (failures.length > 0) throw failures[0];
    },
    stop,
    pause: () => threads.forEach((thread) => thread.pause()),
    resume: () => threads.forEach((thread) => thread.resume()),
    query: async (query) =>
      mergeAnswers(await Promise.all(threads.map((thread) => thread.query(query))), query),
    observeCommits: (observer) => threads.forEach((thread) => thread.observeCommits(observer)),
  };
}

function mergeStatus(all: readonly RunnerStatus[]): RunnerStatus {
  const counters = newCounters();
  const watermarks: Record<string, number> = {};
  for (const status of all) {
    for (const name of Object.keys(counters) as (keyof PipelineCounters)[])
      counters[name] += status.counters[name];
    for (const [view, watermark] of Object.entries(status.watermarks))
      watermarks[view] = Math.min(watermarks[view] ?? Infinity, watermark);
  }
  return {
    counters,
    watermarks,
    tasks: all.flatMap(({ tasks }) => tasks),
    standbys: all.flatMap(({ standbys }) => standbys),
    isSettled: all.every(({ isSettled }) => isSettled),
    isPaused: all.every(({ isPaused }) => isPaused),
    group: all
      .map(({ group }) => group)
      .reduce((a, b) => ((a?.generationId ?? -1) < (b?.generationId ?? -1) ? b : a)),
  };
}
