import type { TaskInput } from './task-input.ts';
import type { TaskId } from '../group/assignment.ts';
import { taskName } from '../group/assignment.ts';
import type { OutputBuffer } from '../results/output-buffer.ts';
import { parseStateKey, watermarksKey } from '../state/state-log.ts';
import type { StateRecord } from '../state/state-log.ts';
import type { ViewTarget } from '../views/view-target.ts';
import { StreamsError } from '../errors.ts';
import type { KeepPiece, Place, SavedState, StateOwner } from '../state/checkpoint.ts';
import type { DiskState } from '../state/disk-state.ts';
import type { StateCopy } from '../state/state-copy.ts';

export interface TaskOptions {
  readonly id: TaskId;
  readonly views: readonly ViewTarget[];
  readonly output: OutputBuffer;
  readonly changelogTopic: string;
  readonly inputs: readonly TaskInput[];
  /** Where its windows go that memory has no room for. */
  readonly disk: DiskState | undefined;
}

/** One partition number of one stage, with its state: the unit that moves between members of the group. */
export abstract class Task {
  readonly id: TaskId;
  readonly name: string;
  readonly views: readonly ViewTarget[];
  readonly changelogTopic: string;
  readonly #output: OutputBuffer;
  /** The partitions that it reads, all with its number. */
  readonly inputs: readonly TaskInput[];
  readonly disk: DiskState | undefined;
  isRestoring = true;
  /** How much of its changelog has been read, from 0 to 1. */
  restored = 0;
  /** What its state belongs to; known once it is being restored. */
  owner: StateOwner | undefined;
  /** The offset of its changelog behind which nothing of it is committed yet; undefined where the broker did not say. */
  changelogOffset: number | undefined;
  #lastWatermarks = '';

  constructor({ id, views, output, changelogTopic, inputs, disk }: TaskOptions) {
    this.disk = disk;
    this.id = id;
    this.name = taskName(id);
    this.views = views;
    this.changelogTopic = changelogTopic;
    this.inputs = inputs;
    this.#output = output;
  }

  /**
   * Counts up to `maxRecords` of what was fetched. A promise says that it stopped at a record whose schema has to be fetched
   * first; call again when it is fulfilled.
   */
  abstract process(maxRecords: number, nowMs: number): Promise<void> | undefined;

  /** Called now and then: time passes also when nothing comes. */
  tick(_nowMs: number): void {
    // Only sources know idleness.
  }

  /** The least watermark of its views: which task is furthest behind in event time. */
  get watermark(): number {
    let least = Infinity;
    for (const { watermark } of this.views) if (watermark < least) least = watermark;
    return this.views.length === 0 ? -Infinity : least;
  }

  get hasWork(): boolean {
    return !this.isRestoring && this.inputs.some(({ hasWork }) => hasWork);
  }

  /** Whether there is something to commit; asked before `flush`. */
  get isDirty(): boolean {
    return !this.isRestoring && this.inputs.some(({ isDirty }) => isDirty);
  }

  /** Writes out what this task owes: updates, partial windows, changed state. Returns the changelog's bytes. */
  flush(nowMs: number): number {
    const changelog = this.#output.partition(this.changelogTopic, this.id.partition);
    let bytes = 0;
    for (const view of this.views) {
      view.flush({ nowMs });
      bytes += view.log?.flush(changelog, nowMs) ?? 0;
    }
    const watermarks = this.#watermarks();
    if (watermarks !== this.#lastWatermarks) {
      this.#lastWatermarks = watermarks;
      changelog.append(nowMs, Buffer.from(watermarksKey), Buffer.from(watermarks));
      bytes += watermarks.length;
    }
    return bytes;
  }

  #watermarks(): string {
    const kept = this.views.filter((view) => view.restoreWatermark !== undefined);
    return JSON.stringify(Object.fromEntries(kept.map((view) => [view.view, view.watermark])));
  }

  /** Keeps all of its state as of the last `flush`; nothing may have been counted since. */
  save(keep: KeepPiece): SavedState<Place> {
    return {
      views: this.views.flatMap(({ log }) => (log === undefined ? [] : [log.save(keep)])),
      watermarks: this.#lastWatermarks,
    };
  }

  /** Takes back the state that a changelog, or a checkpoint and what came after it, told of. */
  restore(copy: StateCopy): void {
    const byView = new Map<string, StateRecord[]>([...copy.savedViews].map((view) => [view, []]));
    for (const [key, bytes] of copy.values) {
      if (key === watermarksKey) {
        this.#restoreWatermarks(bytes.toString());
        continue;
      }
      const place = parseStateKey(key);
      if (place === undefined)
        throw new StreamsError(
          'STREAMS_STATE',
          `the changelog "${this.changelogTopic}" holds a record "${key}" that this release did not write; upgrade, or reset the pipeline`,
        );
      const records = byView.get(place.view) ?? [];
      byView.set(place.view, records);
      records.push({ ...place, bytes });
    }
    for (const [name, records] of byView) {
      const log = this.views.find(({ view }) => view === name)?.log;
      if (log === undefined)
        throw new StreamsError(
          'STREAMS_CHANGED_DEFINITION',
          `the changelog "${this.changelogTopic}" holds state of a view "${name}" that the pipeline does not have here; bring the view back, or reset the pipeline`,
        );
      log.restore(records, copy.savedBuckets(name));
    }
    for (const view of this.views) view.restored?.();
  }

  #restoreWatermarks(text: string): void {
    this.#lastWatermarks = text;
    const watermarks = JSON.parse(text) as Record<string, number | null>;
    for (const view of this.views) {
      const watermark = watermarks[view.view];
      // JSON writes -Infinity as null.
      if (watermark != null) view.restoreWatermark?.(watermark);
    }
  }
}
