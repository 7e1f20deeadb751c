import { Settling } from '@millrace/windowing';
import type { Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';
import type { DiskState } from '../state/disk-state.ts';
import { StateLog } from '../state/state-log.ts';
import { carriedBy, carrying, uncarried } from '../tracing/carried-trace.ts';
import type { TaskTraces } from '../tracing/task-traces.ts';
import type { ReadingView } from '../views/view-steps.ts';
import type { FlushContext, ViewTarget } from '../views/view-target.ts';

export interface FinalResultsOptions {
  readonly name: string;
  readonly view: WindowedView;
  /** The views that read from it; they are told event time, rows do not move it. */
  readonly readers: readonly ReadingView[];
  /** Absent: trace contexts are not carried. */
  readonly traces: TaskTraces | undefined;
  /** Where results go that memory has no room for; absent: nowhere. */
  readonly disk: DiskState | undefined;
}

const only = 0;

/**
 * Gives a view's results to the views that read from it, each window's once: when nothing can change it any more, which is when
 * its grace is over. Event time goes on behind by as much, so that readers wait for nothing else.
 */
export class FinalResults implements ViewTarget {
  readonly view: string;
  readonly log: StateLog | undefined;
  /** The result that the readers are being given. */
  current: Row = {};
  readonly #readers: readonly ReadingView[];
  /** From a window's last instant to the least watermark at which it is closed for good, less one. */
  readonly #lagMs: number;
  readonly #settling: Settling<Row> | undefined;
  readonly #traces: TaskTraces | undefined;
  readonly #traceOf: ReturnType<TaskTraces['finder']> | undefined;
  #watermark = -Infinity;

  constructor({ name, view, readers, traces, disk }: FinalResultsOptions) {
    this.view = `${name}.final`;
    this.#readers = readers;
    this.#traces = traces;
    this.#traceOf = traces?.finder(name);
    // An event at a session's end still belongs to it.
    this.#lagMs = (view.graceMs ?? 0) + (view.window.type === 'session' ? 1 : 0);
    if ((view.graceMs ?? 0) === 0) return;
    this.#settling = new Settling<Row>(
      { partitions: [only], trackChanges: true, ...(disk && { overflow: disk }) },
      (row) => this.#give(row),
    );
    disk?.attach(this.#settling);
    this.log = new StateLog(this.view, this.#settling);
  }

  /** A final result, or one that takes its place. */
  row(key: string, timeMs: number, row: Row): void {
    const { windowStart, windowEnd } = row;
    const traced = carrying(row, this.#traceOf?.({ key, windowStart, windowEnd }));
    if (this.#settling === undefined) this.#give(traced);
    else this.#settling.put(key, windowStart as number, { dueMs: timeMs + this.#lagMs, row: traced });
  }

  /** A result that is no more. */
  retract(key: string, windowStart: number): void {
    this.#settling?.remove(key, windowStart);
  }

  /** The view's watermark, once the results that it closed are here. */
  passed(watermark: number): void {
    if (!(watermark > this.#watermark)) return;
    this.#watermark = watermark;
    this.#settling?.advanceWatermark(watermark, only);
    for (const { target } of this.#readers) target.passed(watermark - this.#lagMs);
  }

  #give(kept: Row): void {
    const row = (this.current = uncarried(kept));
    const timeMs = (row['windowEnd'] as number) - 1;
    const read = () => {
      for (const { steps, target } of this.#readers) steps.run(row, timeMs, target);
    };
    if (this.#traces === undefined) read();
    else this.#traces.during(carriedBy(kept), read);
  }

  keyless(): void {
    // Results have keys.
  }

  get watermark(): number {
    return this.#watermark - this.#lagMs;
  }

  flush(_context: FlushContext): void {
    // Results go on as they come.
  }

  get size() {
    return { keys: this.#settling?.keyCount ?? 0, windows: 0 };
  }

  read(): void {
    // The view itself answers.
  }
}
