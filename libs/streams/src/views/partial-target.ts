import { Combiner } from '@millrace/windowing';
import { engineSpec } from './engine-spec.ts';
import type { Row } from '../definition/compile-expression.ts';
import { partitionOfKey } from '../tasks/group-key.ts';
import type { OutputBuffer } from '../results/output-buffer.ts';
import { repartitionHeaderBytes, writeRepartitionHeader } from '../tasks/repartition-record.ts';
import type { ViewTraces } from '../tracing/view-traces.ts';
import type { FlushContext, ViewTarget } from './view-target.ts';
import type { TargetOptions } from './window-target.ts';
import { keylessReason, lateReason, rejectedReason } from './window-target.ts';

export interface PartialTargetOptions extends TargetOptions {
  /** The source partition that is read. */
  readonly partition: number;
  readonly topic: string;
  readonly partitionCount: number;
  readonly output: OutputBuffer;
  /** Absent: trace contexts are not carried. */
  readonly traces?: ViewTraces | undefined;
}

const only = 0;

/**
 * Aggregates one source partition between two commits and sends the partial windows to the partitions of their keys: the shuffle
 * carries windows, not events. Whether a record is late is judged here, by its own partition, so that the verdict does not
 * depend on how partitions are read against each other.
 */
export class PartialTarget implements ViewTarget {
  readonly view: string;
  /** Everything is sent at each commit. */
  readonly log = undefined;
  readonly #combiner: Combiner<Row>;
  readonly #options: PartialTargetOptions;
  #isIdle = false;
  #sent = '';
  #sentWatermark = -Infinity;
  #record = Buffer.allocUnsafeSlow(64 * 1024);

  constructor(options: PartialTargetOptions) {
    const { name, view, outOfOrderMs, watermarks = 'events', aside } = options;
    this.view = name;
    this.#options = options;
    this.#combiner = new Combiner<Row>(
      { ...engineSpec(view), outOfOrderMs, watermarks },
      {
        onLate: (late) => aside('late', lateReason(name, late)),
        onRejected: (rejected) => aside('rejected', rejectedReason(name, rejected)),
      },
    );
  }

  row(key: string, timeMs: number, row: Row, hint?: number): void {
    this.#combiner.add(key, timeMs, row, only, hint);
  }

  passed(timeMs: number): void {
    this.#combiner.advanceWatermark(timeMs - this.#options.outOfOrderMs, only);
  }

  keyless(): void {
    this.#options.aside('rejected', keylessReason(this.view));
  }

  restoreWatermark(watermark: number): void {
    this.#combiner.advanceWatermark(watermark, only);
  }

  get watermark(): number {
    return this.#combiner.watermarkOf(only);
  }

  setIdle(isIdle: boolean): void {
    this.#isIdle = isIdle;
  }

  /** Something changed that the other side has to hear of, though no record was read. */
  get isPending(): boolean {
    return this.#sent !== this.#progress();
  }

  #progress(): string {
    return `${this.watermark} ${this.#isIdle}`;
  }

  flush({ nowMs }: FlushContext): void {
    const { partitionCount } = this.#options;
    // Partial windows go under the watermark that the other side knows: the new one must not close a window before all are there.
    this.#combiner.drainPartials(
      (key) => partitionOfKey(key as string, partitionCount),
      (route, bytes) => this.#send(route, bytes, { watermark: this.#sentWatermark, nowMs }),
    );
    const progress = this.#progress();
    if (progress === this.#sent) return;
    this.#sent = progress;
    const { watermark } = this;
    this.#sentWatermark = watermark;
    for (let route = 0; route < partitionCount; route++) this.#send(route, nothing, { watermark, nowMs });
  }

  #send(
    route: number,
    partials: Uint8Array,
    { watermark, nowMs }: { watermark: number; nowMs: number },
  ): void {
    const { partition, partitionCount, topic, output, traces } = this.#options;
    const length = repartitionHeaderBytes + partials.length;
    if (this.#record.length < length) this.#record = Buffer.allocUnsafeSlow(length * 2);
    writeRepartitionHeader(this.#record, { partition, watermark, isIdle: this.#isIdle });
    this.#record.set(partials, repartitionHeaderBytes);
    const headers = partials.length === 0 ? undefined : traces?.take(route, partitionCount);
    output.partition(topic, route).append(nowMs, null, this.#record.subarray(0, length), headers);
  }

  get size() {
    return { keys: this.#combiner.cellCount, windows: 0 };
  }

  read(): void {
    // What is here has not been merged yet: the merging task answers.
  }
}

const nothing = new Uint8Array(0);
