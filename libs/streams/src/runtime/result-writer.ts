import type { Row } from '../definition/compile-expression.ts';
import type { ViewColumn } from '../definition/view-columns.ts';
import type { PipelineCounters } from './counters.ts';
import type { GroupKeyCodec } from './group-key.ts';
import type { PartitionOutput } from './output-buffer.ts';
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
}

/** Takes the results of a view. */
export interface ResultSink {
  /** Results are written as of this wall clock, until the next call. */
  setNow(nowMs: number): void;
  /** A window's result: key, windowStart, …; its state may be `retracted`. The row may be reused by the caller. */
  window(result: Row): void;
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
  readonly #options: ResultWriterOptions;
  readonly #codec: GroupKeyCodec;
  readonly #output: PartitionOutput;
  #nowMs: number;

  constructor(options: ResultWriterOptions) {
    this.#options = options;
    this.#encoder = new ResultsEncoder(options.columns, options.schemaId);
    this.#codec = options.codec;
    this.#output = options.output;
    this.#nowMs = options.nowMs;
  }

  /** Results get the wall clock as their timestamp, so that retention counts from when they were written; asked once a batch. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** A retraction becomes a tombstone. */
  window(result: Row): void {
    const keyValues = this.#codec.decode(result['key'] as string);
    const encoder = this.#encoder;
    encoder.encodeKey(keyValues, (result['windowStart'] as number | null) ?? 0);
    this.#options.counters.results++;
    if (result['state'] === 'retracted') {
      this.#output.append(this.#nowMs, encoder.key.buffer.subarray(0, encoder.key.at), null);
      return;
    }
    encoder.encode(keyValues, result);
    this.#write();
  }

  row(key: string, row: Row): void {
    const keyValues = this.#codec.decode(key);
    const { time } = this.#options;
    this.#encoder.encodeKey(keyValues, time === undefined ? undefined : (row[time] as number));
    this.#encoder.encode(keyValues, row);
    this.#options.counters.results++;
    this.#write();
  }

  #write(): void {
    const { key, value } = this.#encoder;
    this.#output.appendSlices(this.#nowMs, key.buffer, key.at, value.buffer, 0, value.at);
  }
}
