import type { RecordHeader } from '@millrace/record-batch';
import { topicNames } from '../topology/topology.ts';
import type { OutputBuffer } from '../results/output-buffer.ts';
import type { PipelineCounters } from '../runtime/counters.ts';

/** The record being processed, as it lies in the buffer that was fetched. */
export interface CurrentRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Its own. */
  readonly headers?: readonly RecordHeader[];
}

export interface Reason {
  /** Stable. */
  readonly code: string;
  /** A sentence. */
  readonly reason: string;
  readonly [detail: string]: unknown;
}

export type Aside = 'late' | 'rejected' | 'deadLetter';

/** Writes records that could not be counted, as they came, with the reason in headers; nothing is dropped silently. */
export class SetAside {
  readonly #pipeline: string;
  readonly #output: OutputBuffer;
  readonly #counters: PipelineCounters;

  constructor(pipeline: string, output: OutputBuffer, counters: PipelineCounters) {
    this.#pipeline = pipeline;
    this.#output = output;
    this.#counters = counters;
  }

  write(aside: Aside, record: CurrentRecord, reason: Reason, nowMs: number): void {
    this.#counters[aside]++;
    const { topic, partition, offset, key, value } = record;
    const added = { ...reason, topic, partition, offset };
    // The record's own go with it; one whose name is taken here keeps its value under another.
    const headers = (record.headers ?? []).map(({ name, value: own }) => ({
      name: Object.hasOwn(added, name) ? `original-${name}` : name,
      value: own,
    }));
    for (const [name, detail] of Object.entries(added))
      if (detail !== undefined) headers.push({ name, value: Buffer.from(String(detail)) });
    this.#output.partition(topicNames[aside](this.#pipeline), 0).append(nowMs, key, value, headers);
  }
}
