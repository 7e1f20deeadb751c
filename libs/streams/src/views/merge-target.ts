import { createOperator } from '@millrace/windowing';
import type { LateEvent, Operator } from '@millrace/windowing';
import { engineSpec } from './engine-spec.ts';
import type { Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';
import type { RepartitionHeader } from '../tasks/repartition-record.ts';
import type { WindowSink } from '../results/result-writer.ts';
import type { DiskState } from '../state/disk-state.ts';
import { StateLog } from '../state/state-log.ts';
import type { FlushContext, ReadFilter, ViewTarget } from './view-target.ts';

export interface MergeTargetOptions {
  readonly name: string;
  readonly view: WindowedView;
  /** The partitions of the source topic: each one's watermark counts. */
  readonly sourcePartitions: number;
  readonly results: WindowSink;
  /** Where cells go that memory has no room for; absent: nowhere. */
  readonly disk: DiskState | undefined;
  /** A partial window came when its window was closed for good. */
  readonly onLate: (late: LateEvent<Row>) => void;
}

/** Merges partial windows of all source partitions; its watermark is the least of theirs. */
export class MergeTarget implements ViewTarget {
  readonly view: string;
  readonly log: StateLog;
  readonly #operator: Operator<Row>;
  readonly #options: MergeTargetOptions;

  constructor(options: MergeTargetOptions) {
    const { name, view, sourcePartitions, results, onLate, disk } = options;
    this.view = name;
    this.#options = options;
    this.#operator = createOperator<Row>(
      {
        ...engineSpec(view),
        emit: view.emit ?? 'onClose',
        partitions: Array.from({ length: sourcePartitions }, (_, partition) => partition),
        watermarks: 'explicit',
        trackChanges: true,
        ...(disk && { overflow: disk }),
      },
      {
        onResult: (result, keyId) => results.window(result, keyId),
        onBucketClosed: (bucket) => this.log.closed(bucket),
        onLate,
      },
    );
    disk?.attach(this.#operator);
    this.log = new StateLog(name, this.#operator);
  }

  setNow(nowMs: number): void {
    this.#options.results.setNow(nowMs);
  }

  receive({ partition, watermark, isIdle }: RepartitionHeader, partials: Buffer): void {
    if (partials.length > 0) this.#operator.mergePartials(partials, { partition });
    this.#operator.advanceWatermark(watermark, partition);
    if (isIdle) this.#operator.markIdle(partition);
    this.#options.results.passed?.(this.#operator.watermark);
  }

  row(): void {
    throw new TypeError('a merge takes partial windows, not rows');
  }

  passed(): void {
    // Time comes with the partial windows.
  }

  keyless(): void {
    // Records without a key do not come this far.
  }

  get watermark(): number {
    return this.#operator.watermark;
  }

  flush({ nowMs }: FlushContext): void {
    this.setNow(nowMs);
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
