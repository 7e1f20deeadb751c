import { createOperator } from '@millrace/windowing';
import type { LateEvent, Operator, RejectedEvent } from '@millrace/windowing';
import { engineSpec } from './engine-spec.ts';
import type { Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';
import type { WindowSink } from '../results/result-writer.ts';
import type { Aside, Reason } from '../tasks/set-aside.ts';
import type { DiskState } from '../state/disk-state.ts';
import { StateLog } from '../state/state-log.ts';
import type { FlushContext, ReadFilter, ViewTarget } from './view-target.ts';

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

export interface WindowTargetOptions extends TargetOptions {
  readonly results: WindowSink;
  /** Where cells go that memory has no room for; absent: nowhere. */
  readonly disk: DiskState | undefined;
}

/** The engine reads one partition here. */
const only = 0;

/** Windows over one source partition, for views whose keys do not spread over several. */
export class WindowTarget implements ViewTarget {
  readonly view: string;
  readonly log: StateLog;
  readonly #operator: Operator<Row>;
  readonly #options: WindowTargetOptions;
  readonly #isRead: boolean;

  constructor(options: WindowTargetOptions) {
    const { name, view, outOfOrderMs, watermarks = 'events', results, aside, disk } = options;
    this.view = name;
    this.#options = options;
    this.#isRead = results.passed !== undefined;
    this.#operator = createOperator<Row>(
      {
        ...engineSpec(view),
        outOfOrderMs,
        watermarks,
        emit: view.emit ?? 'onClose',
        trackChanges: true,
        ...(disk && { overflow: disk }),
      },
      {
        onResult: (result, keyId) => results.window(result, keyId),
        onBucketClosed: (bucket) => this.log.closed(bucket),
        onLate: (late) => aside('late', lateReason(name, late)),
        onRejected: (rejected) => aside('rejected', rejectedReason(name, rejected)),
      },
    );
    disk?.attach(this.#operator);
    this.log = new StateLog(name, this.#operator);
  }

  row(key: string, timeMs: number, row: Row, hint?: number): void {
    this.#operator.add(key, timeMs, row, only, hint);
    if (this.#isRead) this.#options.results.passed!(this.#operator.watermark);
  }

  passed(timeMs: number): void {
    this.#operator.advanceWatermark(timeMs - this.#options.outOfOrderMs, only);
    if (this.#isRead) this.#options.results.passed!(this.#operator.watermark);
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
    this.#operator.read(filter, this.#options.results.reading?.(visit) ?? visit);
  }

  restored(): void {
    this.#options.results.restored?.((visit) => this.#operator.read({}, visit));
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
