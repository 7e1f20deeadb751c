import type { Row } from '../definition/compile-expression.ts';
import type { StateLog } from '../state/state-log.ts';
import type { RowTarget } from './view-steps.ts';

/** What a commit is given to write to. */
export interface FlushContext {
  readonly nowMs: number;
}

/** A view as one task computes it: takes rows, keeps state, hands results to the output buffer. */
export interface ViewTarget extends RowTarget {
  readonly view: string;
  /** Undefined for views that keep no windows. */
  readonly log: StateLog | undefined;
  /** The least watermark over the partitions that count; -Infinity before the first event. */
  readonly watermark: number;
  /** Called at each commit, before the state log is flushed. */
  flush(context: FlushContext): void;
  /** What a view without a state log keeps all the same: its watermark. */
  restoreWatermark?(watermark: number): void;
  /** Its state is that of the last commit again. */
  restored?(): void;
  /** Open windows and keys, for metrics. */
  readonly size: { readonly keys: number; readonly windows: number };
  /** Open windows, newest values, for queries. */
  read(visit: (result: Row) => void, filter: ReadFilter): void;
}

export interface ReadFilter {
  readonly key?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
}
