import type { JoinTarget } from '../views/join-target.ts';
import type { PartialTarget } from '../views/partial-target.ts';
import type { SourceReader } from './source-reader.ts';
import { Task } from './task.ts';
import type { TaskOptions } from './task.ts';

export interface SourceTaskOptions extends TaskOptions {
  /** One for each input. */
  readonly readers: readonly SourceReader[];
  /** The views here that send partial windows, and the joins: both go on when a partition falls silent. */
  readonly partials: readonly PartialTarget[];
  readonly joins: readonly JoinTarget[];
}

/** With several topics to read: records of one before it is the next one's turn, so that joins hold little. */
const turnRecords = 1_024;

/** Reads one partition of a source, or those of one number of several sources that are joined. */
export class SourceTask extends Task {
  readonly #readers: readonly SourceReader[];
  readonly #pending: readonly { readonly isPending: boolean }[];

  constructor(options: SourceTaskOptions) {
    super(options);
    this.#readers = options.readers;
    this.#pending = [...options.partials, ...options.joins];
  }

  process(maxRecords: number, nowMs: number): Promise<void> | undefined {
    const readers = this.#readers;
    if (readers.length === 1) return readers[0]!.process(maxRecords, nowMs);
    let next: SourceReader | undefined;
    for (const reader of readers)
      if (reader.hasWork && (next === undefined || reader.reachedMs < next.reachedMs)) next = reader;
    return next?.process(Math.min(maxRecords, turnRecords), nowMs);
  }

  override tick(nowMs: number): void {
    for (const reader of this.#readers) reader.tick(nowMs);
  }

  override get isDirty(): boolean {
    return super.isDirty || (!this.isRestoring && this.#pending.some(({ isPending }) => isPending));
  }
}
