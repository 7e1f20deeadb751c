import type { CommitWriter, EndOffsets } from '../kafka/commit-writer.ts';
import type { Generation } from '../kafka/group-member.ts';
import type { PipelineCounters } from './counters.ts';
import type { OutputBuffer } from '../results/output-buffer.ts';
import type { Prepared } from './preparation.ts';
import type { RuntimeSettings } from './runtime-settings.ts';
import type { Task } from '../tasks/task.ts';
import type { StateMemory } from '../state/state-memory.ts';
import type { LocalState } from '../state/local-state.ts';

export interface CommitterOptions {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly prepared: Prepared;
  readonly settings: RuntimeSettings;
  readonly output: OutputBuffer;
  readonly producer: CommitWriter;
  readonly counters: PipelineCounters;
  readonly local: LocalState | undefined;
  readonly memory: StateMemory | undefined;
  readonly now: () => number;
  /** A commit has ended, well or badly. */
  readonly onEnd: () => void;
}

/** Commits what a worker's tasks owe: one transaction at a time, while the next one's content is being made. */
export class Committer {
  readonly #options: CommitterOptions;
  #running: Promise<void> | undefined;
  #lastMs = 0;
  #generation: Generation | undefined;
  /** Why the last transaction failed: its outcome is unknown, and nothing is committed any more before `reset`. */
  failure: unknown;
  /** Told how long each successful commit took. */
  readonly observers: ((durationMs: number) => void)[] = [];

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** The transaction under way. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  get isSettled(): boolean {
    return this.#running === undefined && [...this.#options.tasks.values()].every((task) => !task.isDirty);
  }

  /** The membership under which offsets are committed from now on. */
  setGeneration(generation: Generation): void {
    this.#generation = generation;
  }

  reset(): void {
    this.failure = undefined;
  }

  startIfDue(nowMs: number): void {
    if (this.#running !== undefined) return;
    const { settings, memory } = this.#options;
    // What is not committed cannot leave memory.
    if (nowMs - this.#lastMs < settings.commitIntervalMs && memory?.isFull !== true) return;
    this.#start(nowMs);
  }

  /** Ends the transaction under way, then commits what came since. */
  async commitAll(): Promise<void> {
    await this.#running;
    if (this.failure !== undefined) return;
    this.#start(this.#options.now());
    await this.#running;
  }

  #start(nowMs: number): void {
    const { tasks, prepared, settings, output, producer, counters, local, memory, now, onEnd } =
      this.#options;
    const dirty = [...tasks.values()].filter((task) => task.isDirty);
    if (dirty.length === 0) return;
    this.#lastMs = nowMs;
    for (const task of dirty) counters.changelogBytes += task.flush(nowMs);
    if (memory !== undefined) {
      memory.relieve();
      counters.spilledCells = memory.counters.spilled;
      counters.loadedCells = memory.counters.loaded;
    }
    const moved = dirty.flatMap(({ id, inputs }) =>
      inputs
        .filter(({ isDirty }) => isDirty)
        .map((input) => ({ input, offset: input.position, stamp: prepared.stamps[id.stage]! })),
    );
    const captured = local?.capture(dirty, nowMs);
    const { batches, release } = output.take(producer);
    const generation = this.#generation!;
    const content = {
      batches,
      offsets: moved.map(({ input: { topic, partition }, offset, stamp: metadata }) => ({
        topic,
        partition,
        offset,
        metadata,
      })),
      group: {
        groupId: settings.groupId,
        generationId: generation.generationId,
        memberId: generation.memberId,
        instanceId: settings.instanceId ?? null,
      },
    };
    this.#running = producer
      .commit(content)
      .then((ends) => {
        noteEnds(dirty, ends);
        if (captured !== undefined) local!.write(captured);
        for (const { input, offset } of moved) input.committed = offset;
        counters.commits++;
        for (const observe of this.observers) observe(now() - nowMs);
        release();
      })
      .catch((error: unknown) => {
        counters.failedCommits++;
        this.failure = error;
      })
      .finally(() => {
        this.#running = undefined;
        onEnd();
      });
  }
}

/** Notes how far each task's changelog is committed, where something was written to it. */
function noteEnds(tasks: readonly Task[], ends: EndOffsets): void {
  for (const task of tasks) {
    const end = ends.get(`${task.changelogTopic}/${task.id.partition}`);
    if (end !== undefined) task.changelogOffset = end < 0 ? undefined : end;
  }
}
