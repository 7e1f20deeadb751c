import { RecordCursor } from '@millrace/record-batch';
import type { PipelineCounters } from '../runtime/counters.ts';
import { readRepartitionHeader, repartitionHeaderBytes } from './repartition-record.ts';
import { Task } from './task.ts';
import type { TaskOptions } from './task.ts';
import type { ViewTraces } from '../tracing/view-traces.ts';
import type { MergeTarget } from '../views/merge-target.ts';
import { StreamsError } from '../errors.ts';

export interface MergeTaskOptions extends TaskOptions {
  readonly topic: string;
  readonly target: MergeTarget;
  readonly counters: PipelineCounters;
  /** Absent: trace contexts are not carried. */
  readonly traces: ViewTraces | undefined;
}

/** Reads one partition of a repartition topic: merges the partial windows, takes the watermarks of the source partitions. */
export class MergeTask extends Task {
  readonly #options: MergeTaskOptions;
  readonly #cursor = new RecordCursor();

  constructor(options: MergeTaskOptions) {
    super(options);
    this.#options = options;
  }

  process(_maxRecords: number, nowMs: number): undefined {
    const input = this.inputs[0]!;
    const set = input.queue?.head;
    if (set === undefined) return undefined;
    const { target, topic, counters, traces } = this.#options;
    target.setNow(nowMs);
    const cursor = this.#cursor;
    cursor.open(set.bytes, {
      fromOffset: Math.max(set.fromOffset, input.position),
      abortedTransactions: set.abortedTransactions,
    });
    while (cursor.next()) {
      const { bytes, valueStart, valueEnd } = cursor;
      const header = readRepartitionHeader(bytes, valueStart, valueEnd);
      if (header === undefined)
        throw new StreamsError(
          'STREAMS_STATE',
          `topic "${topic}" partition ${this.id.partition} offset ${cursor.offset} holds a record that this release did not write: nothing but the pipeline may write to it; reset the pipeline`,
        );
      // Before its windows may close.
      if (traces !== undefined && cursor.headerCount > 0) traces.receive(cursor);
      target.receive(header, bytes.subarray(valueStart + repartitionHeaderBytes, valueEnd));
    }
    input.position = set.endOffset;
    input.queue!.shift();
    counters.bytes += set.bytes.length;
    return undefined;
  }
}
