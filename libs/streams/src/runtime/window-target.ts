import { createOperator } from '@millrace/windowing';
import type { LateEvent, Operator, RejectedEvent } from '@millrace/windowing';
import { engineSpec } from './engine-spec.ts';
import type { Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';
import type { ResultSink } from './result-writer.ts';
import type { Reason } from './set-aside.ts';
import { StateLog } from './state-log.ts';
import type { FlushContext, ReadFilter, ViewTarget } from './view-target.ts';

/** Sets the record that is being processed aside. */
export type SetCurrentAside = (aside: 'late' | 'rejected', reason: Reason) => void;

export interface WindowTargetOptions {
  readonly name: string;
  readonly view: WindowedView;
  readonly outOfOrderMs: number;
  readonly results: ResultSink;
  readonly aside: SetCurrentAside;
}

/** The engine reads one partition here. */
const only = 0;

/** Windows over one source partition, for views whose keys do not spread over several. */
export class WindowTarget implements ViewTarget {
  readonly view: string;
  readonly log: StateLog;
  readonly #operator: Operator<Row>;
  readonly #options: WindowTargetOptions;

  constructor(options: WindowTargetOptions) {
    const { name, view, outOfOrderMs, results, aside } = options;
    this.view = name;
    this.#options = options;
    this.#operator = createOperator<Row>(
      {
        ...engineSpec(view),
        outOfOrderMs,
        emit: view.emit ?? 'onClose',
        trackChanges: true,
      },
      {
        onResult: (result) => results.window(result),
        onBucketClosed: (bucket) => this.log.closed(bucket),
        onLate: (late) => aside('late', lateReason(name, late)),
        onRejected: (rejected) => aside('rejected', rejectedReason(name, rejected)),
      },
    );
    this.log = new StateLog(name, this.#operator);
  }

  row(key: string, timeMs: number, row: Row): void {
    this.#operator.add(key, timeMs, row, only);
  }

  passed(timeMs: number): void {
    this.#operator.advanceWatermark(timeMs - this.#options.outOfOrderMs, only);
  }

  keyless(): void {
    this.#options.aside('rejected', keylessReason(this.view));
  }

  get watermark(): number {
    return this.#operator.watermark;
  }

  flush({ nowMs }: FlushContext): void {
    this.#options.results.setNow(nowMs);
    this.#operator.drainUpdates();
  }

  get size() {
    return { keys: this.#operator.keyCount, windows: this.#operator.windowCount };
  }

  read(visit: (result: Row) => void, filter: ReadFilter): void {
    this.#operator.read(filter, visit);
  }
}

export function lateReason(view: string, late: LateEvent<Row>): Reason {
  const { windowStart, windowEnd, watermark, latenessMs, timeMs } = late;
  return {
    code: 'STREAMS_LATE',
    reason: `the window [${windowStart}, ${windowEnd}) of view "${view}" is closed for good`,
    view,
    timeMs,
    windowStart: windowStart ?? undefined,
    windowEnd: windowEnd ?? undefined,
    watermark,
    latenessMs,
  };
}

export function rejectedReason(view: string, { code, message }: RejectedEvent<Row>): Reason {
  return { code, reason: message, view };
}

export function keylessReason(view: string): Reason {
  return { code: 'STREAMS_NULL_KEY', reason: `a grouping column of view "${view}" is null`, view };
}
