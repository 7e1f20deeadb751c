import { RecordCursor } from '@millrace/record-batch';
import type { SourceDefinition } from '../definition/pipeline-definition.ts';
import type { PipelineCounters } from '../runtime/counters.ts';
import type { PartialTarget } from '../views/partial-target.ts';
import type { RecordSet } from './partition-input.ts';
import type { ValueReader } from '../runtime/ports.ts';
import type { JoinSide } from '../views/join-side.ts';
import type { CurrentRecord, SetAside } from './set-aside.ts';
import type { TaskInput } from './task-input.ts';
import type { RowSteps, RowTarget } from '../views/view-steps.ts';
import { readTraceContext } from '../tracing/trace-context.ts';
import type { TaskTraces } from '../tracing/task-traces.ts';

export interface SourceReaderOptions {
  readonly input: TaskInput;
  readonly source: SourceDefinition;
  readonly eventTime: string;
  readonly reader: ValueReader;
  /** The views and joins that read the source itself. */
  readonly sourceViews: readonly {
    readonly steps: RowSteps;
    readonly target: RowTarget;
    /** Of the text of `steps.keyField`. */
    readonly hint: { readonly number: number } | undefined;
  }[];
  readonly aside: SetAside;
  readonly counters: PipelineCounters;
  /** Absent: trace contexts are not looked at. */
  readonly traces: TaskTraces | undefined;
  readonly idleAfterMs: number;
  /** The views here that send partial windows: they pass idleness on. */
  readonly partials: readonly PartialTarget[];
  /** Likewise the sides of joins that read it. */
  readonly sides: readonly JoinSide[];
}

const notInteger = 'the event time is not a whole number of milliseconds';

/** Reads one partition of a source: decodes, runs each view's steps, sets aside what cannot be counted. */
export class SourceReader {
  /** The event time of the last record: how far it is, for reading those first that are behind. */
  reachedMs = -Infinity;
  readonly #options: SourceReaderOptions;
  readonly #input: TaskInput;
  readonly #cursor = new RecordCursor();
  #open: RecordSet | undefined;
  /** The cursor stands on a record whose schema was not known. */
  #isWaiting = false;
  #nowMs = 0;
  #isIdle = false;

  constructor(options: SourceReaderOptions) {
    this.#options = options;
    this.#input = options.input;
  }

  get hasWork(): boolean {
    return this.#input.hasWork;
  }

  /** As a task's `process`. */
  process(maxRecords: number, nowMs: number): Promise<void> | undefined {
    const input = this.#input;
    const set = input.queue?.head;
    if (set === undefined) return undefined;
    this.#nowMs = nowMs;
    if (this.#isIdle) this.#setIdle(false);
    const cursor = this.#cursor;
    if (this.#open !== set) {
      cursor.open(set.bytes, {
        fromOffset: Math.max(set.fromOffset, input.position),
        abortedTransactions: set.abortedTransactions,
      });
      this.#open = set;
      this.#isWaiting = false;
    }
    const { counters } = this.#options;
    for (let left = maxRecords; left > 0; left--) {
      if (!this.#isWaiting && !this.#next()) {
        this.#close(set);
        return undefined;
      }
      const wait = this.#record();
      if (wait !== undefined) {
        this.#isWaiting = true;
        input.position = cursor.offset;
        return wait;
      }
      this.#isWaiting = false;
      counters.records++;
    }
    input.position = cursor.nextOffset;
    return undefined;
  }

  #close(set: RecordSet): void {
    this.#input.position = set.endOffset;
    this.#input.queue!.shift();
    this.#open = undefined;
    this.#options.counters.bytes += set.bytes.length;
  }

  /** Goes to the next record; a batch that is damaged is set aside as a whole, and the partition goes on behind it. */
  #next(): boolean {
    for (;;)
      try {
        return this.#cursor.next();
      } catch (error) {
        const { code = 'RECORD_BATCH_MALFORMED', message } = error as { code?: string; message: string };
        this.#options.aside.write(
          'deadLetter',
          { ...this.#place(), offset: this.#cursor.batch.baseOffset, key: null, value: null },
          { code, reason: message },
          this.#nowMs,
        );
      }
  }

  #record(): Promise<void> | undefined {
    const cursor = this.#cursor;
    const { reader, eventTime, sourceViews, source, traces } = this.#options;
    const status = cursor.valueStart < 0 ? 2 : reader.read(cursor.bytes, cursor.valueStart, cursor.valueEnd);
    if (status !== 0) {
      if (status === 1) return reader.resolve();
      this.#deadLetter();
      return undefined;
    }
    const { row } = reader;
    const timeMs = row[eventTime];
    if (typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs)) {
      const reason = timeMs == null ? `the event time "${eventTime}" is missing` : notInteger;
      this.set('deadLetter', { code: 'STREAMS_EVENT_TIME', reason });
      return undefined;
    }
    if (source.maxFutureMs !== undefined && timeMs > this.#nowMs + source.maxFutureMs) {
      const aheadMs = timeMs - this.#nowMs;
      this.set('rejected', {
        code: 'STREAMS_FUTURE',
        reason: `the event time is ${aheadMs} ms ahead of the clock, more than maxFutureMs ${source.maxFutureMs}`,
        timeMs,
      });
      return undefined;
    }
    this.reachedMs = timeMs;
    if (traces !== undefined) traces.current = readTraceContext(cursor);
    for (let at = 0; at < sourceViews.length; at++) {
      const view = sourceViews[at]!;
      view.steps.run(row, timeMs, view.target, view.hint?.number);
    }
    return undefined;
  }

  #deadLetter(): void {
    const isNull = this.#cursor.valueStart < 0;
    const { code, message } = (isNull ? undefined : this.#options.reader.fault) ?? {
      code: 'STREAMS_NO_VALUE',
      message: 'the record has no value',
    };
    this.set('deadLetter', { code, reason: message });
  }

  /** Writes the current record, as it came, to one of the side outputs. */
  set(aside: 'late' | 'rejected' | 'deadLetter', reason: Parameters<SetAside['write']>[2]): void {
    this.#options.aside.write(aside, this.current(), reason, this.#nowMs);
  }

  /** The record that is being processed; copies, safe to keep. */
  current(): CurrentRecord {
    const { bytes, offset, keyStart, keyEnd, valueStart, valueEnd } = this.#cursor;
    return {
      ...this.#place(),
      offset,
      key: keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd),
      value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
      headers: this.#cursor.headers(),
    };
  }

  #place() {
    return { topic: this.#options.source.topic, partition: this.#input.partition };
  }

  /** Time passes also when nothing comes. */
  tick(nowMs: number): void {
    const { queue } = this.#input;
    if (this.#isIdle || queue === undefined || queue.isPaused) return;
    if (queue.silentMs(nowMs) >= this.#options.idleAfterMs) this.#setIdle(true);
  }

  #setIdle(isIdle: boolean): void {
    this.#isIdle = isIdle;
    for (const partial of this.#options.partials) partial.setIdle(isIdle);
    for (const side of this.#options.sides) side.setIdle(isIdle);
  }
}
