import { messageOf } from '../kafka/broker-error.ts';
import { pause } from '../kafka/retry.ts';
import type { Topology } from '../topology/topology.ts';
import type { StateMemory } from '../state/state-memory.ts';
import type { Committer } from './committer.ts';
import type { OutputBuffer } from '../results/output-buffer.ts';
import type { OnEvent } from './ports.ts';
import type { RuntimeSettings } from './runtime-settings.ts';
import type { Task } from '../tasks/task.ts';

export interface ProcessingLoopOptions {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly topology: Topology;
  readonly settings: RuntimeSettings;
  readonly output: OutputBuffer;
  readonly committer: Committer;
  readonly memory: StateMemory | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  readonly now: () => number;
  /** A task has taken what was fetched: there is room for more. */
  readonly onRoom: () => void;
}

/** Records between two looks at the clock and the network. */
const chunkRecords = 16_384;
const tickMs = 50;

const queuedBytes = ({ inputs }: Task): number =>
  inputs.reduce((sum, { queue }) => sum + (queue?.queuedBytes ?? 0), 0);

/** Goes round the tasks that have something to read, one chunk each, and commits when it is time. */
export class ProcessingLoop {
  readonly #options: ProcessingLoopOptions;
  /** Tasks that stand at a record whose schema is being fetched. */
  readonly #waiting = new WeakSet<Task>();
  #wake: (() => void) | undefined;
  #isPaused = false;

  constructor(options: ProcessingLoopOptions) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    this.wakeUp();
  }

  /** Runs until there is something else to be done; the last commit may still be under way. */
  async run(isOver: () => boolean): Promise<void> {
    const { settings, now, tasks, committer, output, memory } = this.#options;
    // Never past the next commit, which nobody else wakes it for.
    const sleepMs = Math.min(tickMs, settings.commitIntervalMs);
    let tickedMs = 0;
    while (!isOver()) {
      const nowMs = now();
      if (nowMs - tickedMs >= tickMs) {
        tickedMs = nowMs;
        for (const task of tasks.values()) task.tick(nowMs);
      }
      const task = this.#isPaused ? undefined : this.#next();
      if (task !== undefined) this.#step(task, nowMs);
      committer.startIfDue(nowMs);
      const isFull = output.pendingBytes > settings.maxPendingBytes || memory?.isFull === true;
      if (isFull && committer.running !== undefined) await committer.running;
      else if (task === undefined) await this.#sleep(sleepMs);
      else await new Promise(setImmediate);
    }
  }

  /** The task to go on with: partial windows before events, then who is furthest behind in event time. */
  #next(): Task | undefined {
    let best: Task | undefined;
    let bestRank = Infinity;
    for (const task of this.#options.tasks.values()) {
      if (!task.hasWork || this.#waiting.has(task)) continue;
      const kind = this.#options.topology.stages[task.id.stage]!.kind;
      const rank = kind === 'merge' ? -Infinity : task.watermark;
      if (best === undefined || rank < bestRank) {
        best = task;
        bestRank = rank;
      }
    }
    return best;
  }

  #step(task: Task, nowMs: number): void {
    const queued = queuedBytes(task);
    const wait = task.process(chunkRecords, nowMs);
    if (queuedBytes(task) !== queued) this.#options.onRoom();
    if (wait === undefined) return;
    this.#waiting.add(task);
    wait
      .catch((error: unknown) => {
        this.#options.onEvent({ level: 'warn', event: 'schema-unavailable', message: messageOf(error) });
        return pause(1_000, this.#options.signal);
      })
      .finally(() => {
        this.#waiting.delete(task);
        this.wakeUp();
      });
  }

  /** Looks again at once: there is something to read, or to end for. */
  wakeUp(): void {
    this.#wake?.();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}
