import { copySlice } from '@millrace/record-batch';
import type { Row } from '../definition/compile-expression.ts';
import type { ViewColumn } from '../definition/view-columns.ts';
import type { PipelineCounters } from '../runtime/counters.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';
import type { PartitionOutput } from './output-buffer.ts';
import { traceHeaders } from '../tracing/trace-context.ts';
import type { TraceContext } from '../tracing/trace-context.ts';
import { EncodedKeys } from './encoded-keys.ts';
import { ResultsEncoder } from './results-encoder.ts';

export interface ResultWriterOptions {
  readonly columns: readonly ViewColumn[];
  /** The column that a row's key ends with, for rows that have a time. */
  readonly time: string | undefined;
  readonly schemaId: number;
  readonly codec: GroupKeyCodec;
  readonly output: PartitionOutput;
  readonly counters: PipelineCounters;
  readonly nowMs: number;
  /** The trace that a result belongs to, of a window or of the record that is being processed. */
  readonly traceOf?: ((result: Row | undefined) => TraceContext | undefined) | undefined;
}

/** Takes the results of a view. */
export interface ResultSink {
  /** Results are written as of this wall clock, until the next call. */
  setNow(nowMs: number): void;
  /** A window's result: key, windowStart, …; its state may be `retracted`. The row may be reused by the caller. */
  window(result: Row, keyId: number): void;
  /** One row of a view without windows. */
  row(key: string, row: Row): void;
}

/** Takes the results of windows, and what a view that others read from, or that computes columns, has to know besides. */
export interface WindowSink extends ResultSink {
  /** The view's watermark, after the results that it closed. */
  passed?(watermark: number): void;
  /** The windows that are open after a restore. */
  restored?(read: (visit: (result: Row) => void) => void): void;
  /** Wraps a visitor of open windows. */
  reading?(visit: (result: Row) => void): (result: Row) => void;
}

/** Writes the results of one view and task to its partition of the results topic. */
export class ResultWriter implements ResultSink {
  readonly #encoder: ResultsEncoder;
  readonly #keys: EncodedKeys;
  readonly #time: string | undefined;
  readonly #output: PartitionOutput;
  readonly #counters: PipelineCounters;
  readonly #traceOf: ResultWriterOptions['traceOf'];
  #nowMs: number;

  constructor({ columns, schemaId, codec, time, output, counters, nowMs, traceOf }: ResultWriterOptions) {
    this.#encoder = new ResultsEncoder({ columns, schemaId, codec, hasTime: time !== undefined });
    this.#keys = new EncodedKeys(this.#encoder);
    this.#time = time;
    this.#output = output;
    this.#counters = counters;
    this.#nowMs = nowMs;
    this.#traceOf = traceOf;
  }

  /** Results get the wall clock as their timestamp, so that retention counts from when they were written; asked once a batch. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** A retraction becomes a tombstone. */
  window(result: Row, keyId: number): void {
    const encoder = this.#encoder;
    this.#keys.find(result['key'] as string, keyId);
    encoder.encodeTime((result['windowStart'] as number | null) ?? 0);
    const trace = this.#traceOf?.(result);
    if (result['state'] === 'retracted') this.#write(false, trace);
    else {
      encoder.encodeRest(result);
      this.#write(true, trace);
    }
  }

  row(key: string, row: Row): void {
    this.#keys.find(key);
    if (this.#time !== undefined) this.#encoder.encodeTime(row[this.#time] as number);
    this.#encoder.encodeRest(row);
    this.#write(true, this.#traceOf?.(undefined));
  }

  /** Puts the parts of a record together where it is sent from. */
  #write(hasValue: boolean, trace: TraceContext | undefined): void {
    this.#counters.results++;
    const { keyEnd, rest } = this.#encoder;
    const keys = this.#keys;
    const keyLength = keys.keyEnd - keys.keyStart + keyEnd.at;
    const valueLength = hasValue ? keys.valueEnd - keys.valueStart + rest.at : -1;
    if (trace !== undefined) return this.#writeTraced(hasValue, trace);
    const into = this.#output.reserve(this.#nowMs, keyLength, valueLength);
    const { view, keyAt, valueAt } = into;
    const keyStop = copySlice(keys.keyView, keys.keyStart, keys.keyEnd, view, keyAt);
    copySlice(keyEnd.view, 0, keyEnd.at, view, keyStop);
    if (!hasValue) return;
    const valueStop = copySlice(keys.valueView, keys.valueStart, keys.valueEnd, view, valueAt);
    copySlice(rest.view, 0, rest.at, view, valueStop);
  }

  /** The same with headers, for the few results that have some. */
  #writeTraced(hasValue: boolean, trace: TraceContext): void {
    const { keyEnd, rest } = this.#encoder;
    const { keyView, keyStart, keyEnd: keyStop, valueView, valueStart, valueEnd } = this.#keys;
    const key = Buffer.concat([bytesOf(keyView, keyStart, keyStop), bytesOf(keyEnd.view, 0, keyEnd.at)]);
    const value = hasValue
      ? Buffer.concat([bytesOf(valueView, valueStart, valueEnd), bytesOf(rest.view, 0, rest.at)])
      : null;
    this.#output.append(this.#nowMs, key, value, traceHeaders(trace));
  }
}

const bytesOf = ({ buffer }: DataView, start: number, end: number): Uint8Array =>
  new Uint8Array(buffer, start, end - start);
