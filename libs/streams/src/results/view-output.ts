import type { Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';
import type { DiskState } from '../state/disk-state.ts';
import type { FinalResults } from './final-results.ts';
import type { ResultShape } from './result-shape.ts';
import type { ResultSink } from './result-writer.ts';

type Visit = (result: Row) => void;

export interface ViewOutputOptions {
  readonly view: WindowedView;
  readonly shape: ResultShape;
  readonly results: ResultSink;
  /** Absent when no view reads from this one. */
  readonly finals: FinalResults | undefined;
  /** Where the memory of windows is counted; absent: nowhere. */
  readonly disk: DiskState | undefined;
}

/** Fewer windows than this are not worth looking for closed ones among them. */
const fewWindows = 1_024;
/** Of a window that is noted: measured, rounded up. */
const shownBytes = 200;

/**
 * What happens to a view's results on their way out: computed columns are added; windows for which `having` is not true are left
 * out, and taken back where they were out already; final ones go on to the views that read from it.
 */
export class ViewOutput implements ResultSink {
  readonly #options: ViewOutputOptions;
  /** Windows that have a result out which may have to be taken back, and their ends. */
  readonly #shown: Map<string, number> | undefined;
  #sweepAt = fewWindows;

  constructor(options: ViewOutputOptions) {
    this.#options = options;
    const { having, emit, graceMs = 0 } = options.view;
    if (having === undefined || (emit !== 'onUpdate' && graceMs === 0)) return;
    const shown = (this.#shown = new Map<string, number>());
    const inMemory = { spilled: 0, loaded: 0, spill: () => undefined };
    options.disk?.states.push({
      ...inMemory,
      get memoryBytes() {
        return shown.size * shownBytes;
      },
    });
  }

  setNow(nowMs: number): void {
    this.#options.results.setNow(nowMs);
  }

  window(result: Row, keyId: number): void {
    const { shape, results, finals } = this.#options;
    const key = result['key'] as string;
    const windowStart = result['windowStart'] as number;
    const { state } = result;
    if (state !== 'retracted') {
      const row = shape.rowOf(result);
      if (shape.holds(row)) {
        this.#show(result);
        if (finals !== undefined && state !== 'filling')
          finals.row(key, (row['windowEnd'] as number) - 1, row);
        shape.complete(result, row);
        results.window(result, keyId);
        return;
      }
    }
    finals?.retract(key, windowStart);
    if (this.#shown === undefined ? state !== 'retracted' : !this.#shown.delete(nameOf(result))) return;
    results.window({ ...result, state: 'retracted' }, keyId);
  }

  row(key: string, row: Row): void {
    this.#options.results.row(key, row);
  }

  /** The view's watermark, once the results that it closed have been handed out. */
  passed(watermark: number): void {
    this.#options.finals?.passed(watermark);
  }

  /** Takes note of the windows that were open at the last commit: their results are out. */
  restored(read: (visit: Visit) => void): void {
    const { shape } = this.#options;
    if (this.#shown !== undefined)
      read((result) => {
        if (shape.holds(shape.rowOf(result))) this.#show(result);
      });
  }

  /** Lets a visitor of open windows see what results would be. */
  reading(visit: Visit): Visit {
    const { shape } = this.#options;
    return (result) => {
      const row = shape.rowOf(result);
      if (!shape.holds(row)) return;
      shape.complete(result, row);
      visit(result);
    };
  }

  #show(result: Row): void {
    const shown = this.#shown;
    if (shown === undefined) return;
    shown.set(nameOf(result), (result['windowEnd'] as number | null) ?? Infinity);
    if (shown.size < this.#sweepAt) return;
    const { graceMs = 0 } = this.#options.view;
    const watermark = result['watermark'] as number;
    for (const [name, end] of shown) if (end + graceMs < watermark) shown.delete(name);
    this.#sweepAt = Math.max(fewWindows, shown.size * 2);
  }
}

const nameOf = ({ key, windowStart }: Row): string => `${String(windowStart)} ${String(key)}`;
