import { Cron } from 'croner';

/** More runs than this are not counted one by one. */
const MAX_MISSED = 10_000;

export interface Due {
  readonly dueMs: number;
  /** Runs before this one that should have been, since the last one; this one stands for them. */
  readonly missed: number;
}

/** When something has to run: a cron expression (five fields, or six with seconds first), in UTC. */
export class Schedule {
  readonly #cron: Cron;

  /** @throws Error naming what is wrong with the expression */
  constructor(expression: string) {
    this.#cron = new Cron(expression, { timezone: 'UTC', paused: true });
  }

  /** The run that follows the one that was due at `lastMs`; at once where there was none, or where it is overdue. */
  after(lastMs: number | undefined, nowMs: number): Due {
    if (lastMs === undefined) return { dueMs: nowMs, missed: 0 };
    let dueMs = this.#next(lastMs);
    for (let missed = 0; ; missed++) {
      const next = this.#next(dueMs);
      if (next > nowMs || missed === MAX_MISSED) return { dueMs, missed };
      dueMs = next;
    }
  }

  #next(afterMs: number): number {
    return this.#cron.nextRun(new Date(afterMs))?.getTime() ?? Infinity;
  }
}
