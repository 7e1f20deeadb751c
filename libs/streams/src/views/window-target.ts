import type { LateEvent, RejectedEvent } from '@millrace/windowing';
import type { Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';
import type { Aside, Reason } from '../tasks/set-aside.ts';
import { EngineTarget } from './engine-target.ts';
import type { EngineTargetOptions } from './engine-target.ts';
import type { ViewTarget } from './view-target.ts';

/** Sets the record that is being processed aside. */
export type SetCurrentAside = (aside: Aside, reason: Reason) => void;

/** What every target of a windowed view is told. */
export interface TargetOptions {
  readonly name: string;
  readonly view: WindowedView;
  readonly outOfOrderMs: number;
  /** `explicit`: rows do not move event time, only `passed` does. Default: `events`. */
  readonly watermarks?: 'events' | 'explicit';
  readonly aside: SetCurrentAside;
}

export type WindowTargetOptions = TargetOptions & EngineTargetOptions;

/** The engine reads one partition here. */
const only = 0;

/** Windows over one source partition, for views whose keys do not spread over several. */
export class WindowTarget extends EngineTarget implements ViewTarget {
  readonly #options: TargetOptions;
  readonly #isRead: boolean;

  constructor(options: WindowTargetOptions) {
    const { name, outOfOrderMs, watermarks = 'events', aside, results } = options;
    super(options, {
      outOfOrderMs,
      watermarks,
      onLate: (late) => aside('late', lateReason(name, late)),
      onRejected: (rejected) => aside('rejected', rejectedReason(name, rejected)),
    });
    this.#options = options;
    this.#isRead = results.passed !== undefined;
  }

  row(key: string, timeMs: number, row: Row, hint?: number): void {
    this.operator.add(key, timeMs, row, only, hint);
    if (this.#isRead) this.results.passed!(this.operator.watermark);
  }

  passed(timeMs: number): void {
    this.operator.advanceWatermark(timeMs - this.#options.outOfOrderMs, only);
    if (this.#isRead) this.results.passed!(this.operator.watermark);
  }

  keyless(): void {
    this.#options.aside('rejected', keylessReason(this.view));
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
