import type { Row } from '../definition/compile-expression.ts';
import type { ResultSink } from '../results/result-writer.ts';
import type { FlushContext, ViewTarget } from './view-target.ts';
import type { SetCurrentAside } from './window-target.ts';
import { keylessReason } from './window-target.ts';

/** A view without windows: each row is a result. Keeps nothing but the greatest event time. */
export class RowsTarget implements ViewTarget {
  readonly view: string;
  readonly log = undefined;
  readonly size = { keys: 0, windows: 0 };
  readonly #results: ResultSink;
  readonly #aside: SetCurrentAside;
  readonly #outOfOrderMs: number;
  readonly #eventsMoveWatermark: boolean;
  watermark = -Infinity;

  constructor(options: {
    readonly name: string;
    readonly outOfOrderMs: number;
    /** `explicit`: rows do not move event time, only `passed` does. Default: `events`. */
    readonly watermarks?: 'events' | 'explicit';
    readonly results: ResultSink;
    readonly aside: SetCurrentAside;
  }) {
    this.view = options.name;
    this.#results = options.results;
    this.#aside = options.aside;
    this.#outOfOrderMs = options.outOfOrderMs;
    this.#eventsMoveWatermark = options.watermarks !== 'explicit';
  }

  row(key: string, timeMs: number, row: Row): void {
    this.#results.row(key, row);
    if (this.#eventsMoveWatermark) this.passed(timeMs);
  }

  passed(timeMs: number): void {
    if (timeMs - this.#outOfOrderMs > this.watermark) this.watermark = timeMs - this.#outOfOrderMs;
  }

  keyless(): void {
    this.#aside('rejected', keylessReason(this.view));
  }

  restoreWatermark(watermark: number): void {
    this.watermark = watermark;
  }

  flush({ nowMs }: FlushContext): void {
    this.#results.setNow(nowMs);
  }

  read(): void {
    // Nothing is kept.
  }
}
