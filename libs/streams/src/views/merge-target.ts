import type { LateEvent } from '@millrace/windowing';
import type { Row } from '../definition/compile-expression.ts';
import type { RepartitionHeader } from '../tasks/repartition-record.ts';
import { EngineTarget } from './engine-target.ts';
import type { EngineTargetOptions } from './engine-target.ts';
import type { ViewTarget } from './view-target.ts';

export interface MergeTargetOptions extends EngineTargetOptions {
  /** The partitions of the source topic: each one's watermark counts. */
  readonly sourcePartitions: number;
  /** A partial window came when its window was closed for good. */
  readonly onLate: (late: LateEvent<Row>) => void;
}

/** Merges partial windows of all source partitions; its watermark is the least of theirs. */
export class MergeTarget extends EngineTarget implements ViewTarget {
  constructor(options: MergeTargetOptions) {
    super(options, {
      partitions: Array.from({ length: options.sourcePartitions }, (_, partition) => partition),
      watermarks: 'explicit',
      onLate: options.onLate,
    });
  }

  setNow(nowMs: number): void {
    this.results.setNow(nowMs);
  }

  receive({ partition, watermark, isIdle }: RepartitionHeader, partials: Buffer): void {
    if (partials.length > 0) this.operator.mergePartials(partials, { partition });
    this.operator.advanceWatermark(watermark, partition);
    if (isIdle) this.operator.markIdle(partition);
    this.results.passed?.(this.operator.watermark);
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
}
