import { queryTasks } from '../queries/query-tasks.ts';
import type { Runner } from './runner.ts';
import { taskStatus, viewWatermarks } from './task-status.ts';
import { Worker } from './worker.ts';
import type { WorkerOptions } from './worker.ts';

/** Runs one worker on this thread. */
export function localRunner(options: WorkerOptions): Runner {
  const { definition, topology } = options;
  const worker = new Worker(options);
  const tasks = () => [...worker.tasks.values()];
  return {
    status: {
      counters: worker.counters,
      get tasks() {
        return tasks().map((task) => taskStatus(task, topology));
      },
      get standbys() {
        return worker.standbys;
      },
      get watermarks() {
        return viewWatermarks(tasks(), options);
      },
      get isSettled() {
        return worker.isSettled;
      },
      get isPaused() {
        return worker.isPaused;
      },
      get group() {
        return worker.group;
      },
    },
    run: () => worker.run(),
    stop: () => void worker.stop(),
    pause: () => worker.pause(),
    resume: () => worker.resume(),
    query: async (query) => queryTasks(definition, tasks(), query),
    observeCommits: (observer) => worker.observeCommits(observer),
  };
}
