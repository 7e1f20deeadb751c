import { join } from 'node:path';
import { messageOf } from '../kafka/broker-error.ts';
import type { PipelineCounters } from '../runtime/counters.ts';
import type { ChangelogBounds } from './changelog-reader.ts';
import { tombstonesKeptMs } from '../runtime/internal-topics.ts';
import type { OnEvent } from '../runtime/ports.ts';
import type { Task } from '../tasks/task.ts';
import { CheckpointFiles } from './checkpoint-files.ts';
import type { Checkpoint, Place, SavedState, StateOwner } from './checkpoint.ts';
import type { CheckpointWriter } from './checkpoint-writer.ts';
import { StateCopy } from './state-copy.ts';

export interface LocalStateOptions {
  /** The folder of all pipelines of this machine. */
  readonly dir: string;
  readonly group: string;
  /** Its own name among all that may write there. */
  readonly writer: string;
  readonly intervalMs: number;
  readonly counters: PipelineCounters;
  readonly onEvent: OnEvent;
  readonly now: () => number;
}

/** Compaction keeps a tombstone this long at least, then forgets it: behind an older checkpoint nothing says what is gone. */
export const maxCheckpointAgeMs = tombstonesKeptMs / 2;
/** Clocks may be set back a little. */
const maxClockSkewMs = 60_000;

/** A state that was taken in the middle of a commit, to be written once that has succeeded. */
export interface Capture {
  readonly task: Task;
  readonly state: SavedState<Place>;
  readonly pieces: readonly Uint8Array[];
}

/** Keeps checkpoints of the tasks here on disk: what a restart need not read from the changelog. */
export class LocalState {
  readonly #options: LocalStateOptions;
  readonly #files: CheckpointFiles;
  /** By task: when its last one was begun, and for which offset. */
  readonly #last = new Map<Task, { readonly atMs: number; readonly offset: number | undefined }>();
  #writing: Promise<void> | undefined;

  constructor(options: LocalStateOptions) {
    const { dir, group, writer, now } = options;
    this.#options = options;
    this.#files = new CheckpointFiles(join(dir, encodeURIComponent(group)), writer);
    void this.#files.clean(now()).catch(() => undefined);
  }

  /** The state of a task as of its last checkpoint; undefined when there is none, or none that may be used. */
  async load(owner: StateOwner, bounds: ChangelogBounds): Promise<StateCopy | undefined> {
    const { counters, onEvent, now } = this.#options;
    const found = await this.#files.read(owner.task);
    if (found === undefined) return undefined;
    let refusal: string | undefined;
    if (typeof found === 'string') refusal = found;
    else {
      refusal = refusalOf(found.checkpoint, { owner, bounds, nowMs: now() });
      if (refusal === undefined) return new StateCopy(found.checkpoint, found.close);
      found.close();
    }
    counters.checkpointsRefused++;
    onEvent({
      level: 'warn',
      event: 'checkpoint-refused',
      message: `the checkpoint of task ${owner.task} is not used: ${refusal}; the changelog is read instead`,
      task: owner.task,
      reason: refusal,
    });
    await this.#files.remove(owner.task).catch(() => undefined);
    return undefined;
  }

  /**
   * Takes the state of the task whose turn it is, if any: one a commit, so that a commit waits for one task's state at most.
   * To be called when all changes are flushed and nothing has been counted since.
   */
  capture(tasks: readonly Task[], nowMs: number): Capture | undefined {
    if (this.#writing !== undefined) return undefined;
    const due = tasks.filter((task) => nowMs - this.#lastMs(task, nowMs) >= this.#options.intervalMs);
    const task = due.sort((a, b) => this.#lastMs(a, nowMs) - this.#lastMs(b, nowMs))[0];
    if (task === undefined) return undefined;
    this.#last.set(task, { atMs: nowMs, offset: undefined });
    const pieces: Uint8Array[] = [];
    let at = 0;
    const state = task.save((bytes) => {
      pieces.push(bytes.slice());
      return [(at += bytes.length) - bytes.length, bytes.length];
    });
    return { task, state, pieces };
  }

  /** The first is due an interval after the task came. */
  #lastMs(task: Task, nowMs: number): number {
    const last = this.#last.get(task);
    if (last !== undefined) return last.atMs;
    this.#last.set(task, { atMs: nowMs, offset: undefined });
    return nowMs;
  }

  /** Writes what was captured, now that it is committed: the changelog up to `task.changelogOffset`. Never throws. */
  write({ task, state, pieces }: Capture): void {
    this.#begin(task, async (writer) => {
      for (const piece of pieces) await writer.append(piece);
      return state;
    });
  }

  #begin(task: Task, fill: (writer: CheckpointWriter) => Promise<SavedState<Place>>): void {
    const { owner, changelogOffset: offset } = task;
    if (owner === undefined || offset === undefined || this.#writing !== undefined) return;
    const writtenMs = this.#options.now();
    this.#last.set(task, { atMs: this.#lastMs(task, writtenMs), offset });
    const whole = async (writer: CheckpointWriter) => ({
      owner,
      state: await fill(writer),
      offset,
      writtenMs,
    });
    this.#writing = this.#write({ task: owner.task, offset }, whole).finally(() => {
      this.#writing = undefined;
    });
  }

  /** Writes all tasks whose state has changed since their last one; nothing may be under way. */
  async saveAll(tasks: Iterable<Task>): Promise<void> {
    await this.#writing;
    for (const task of tasks) {
      if (task.isRestoring || task.isDirty || this.#last.get(task)?.offset === task.changelogOffset) continue;
      this.#begin(task, async ({ keep }) => task.save(keep));
      await this.#writing;
    }
  }

  forget(task: Task): void {
    this.#last.delete(task);
  }

  async #write(
    { task, offset }: { readonly task: string; readonly offset: number },
    fill: (writer: CheckpointWriter) => Promise<Checkpoint<Place>>,
  ): Promise<void> {
    const { counters, onEvent } = this.#options;
    try {
      const bytes = await this.#files.write(task, fill);
      counters.checkpoints++;
      const message = `task ${task}: ${bytes} bytes, changelog up to ${offset}`;
      onEvent({ level: 'debug', event: 'checkpoint', message, task, bytes, offset });
    } catch (error) {
      // A full disk costs a longer restore, no more.
      const message = `the checkpoint of task ${task} was not written: ${messageOf(error)}`;
      onEvent({ level: 'warn', event: 'checkpoint-failed', message, task });
    }
  }
}

/** Why a checkpoint is of no use for a task, if so. */
export function refusalOf(
  { owner: found, offset, writtenMs }: Checkpoint,
  { owner, bounds, nowMs }: { owner: StateOwner; bounds: ChangelogBounds; nowMs: number },
): string | undefined {
  for (const what of ['group', 'task', 'changelog', 'partition', 'stamp'] as const)
    if (found[what] !== owner[what]) return `its ${what} is ${found[what]}, not ${owner[what]}`;
  if (found.topicId !== owner.topicId) return `topic ${owner.changelog} was deleted and made again since`;
  if (offset < bounds.start)
    return `it stands at offset ${offset}, where the changelog begins at ${bounds.start}`;
  if (offset > bounds.end) return `it stands at offset ${offset}, behind the changelog's end ${bounds.end}`;
  const ageMs = nowMs - writtenMs;
  if (ageMs > maxCheckpointAgeMs || ageMs < -maxClockSkewMs)
    return `it is ${ageMs} ms old, which is not between 0 and ${maxCheckpointAgeMs}`;
  return undefined;
}
