import {
  BatchWriter,
  RecordCursor,
  controlBatch,
  readBatchHeader,
  type FinishOptions,
} from '@millrace/record-batch';
import { TopicConfig } from '../topics/topic-config.ts';
import type { LogStore } from './log-store.ts';
import { PartitionLog } from './partition-log.ts';

/** A log for unit tests, with settings of its topic and a time of its own. */
export function openLog(
  store: LogStore,
  settings: Record<string, string> = {},
  now: () => number = () => 1_000_000,
) {
  const config = new TopicConfig(settings);
  return new PartitionLog({ store, config: () => config.log, now });
}

export interface TestRecord {
  readonly key?: string;
  readonly value: string | null;
  readonly timestampMs?: number;
}

/** Appends one batch. @returns the first offset */
export function append(
  log: PartitionLog,
  records: readonly TestRecord[],
  options: FinishOptions = {},
): number {
  const writer = new BatchWriter();
  for (const { key = 'k', value, timestampMs = 1_000_000 } of records) {
    writer.append(timestampMs, Buffer.from(key), value === null ? null : Buffer.from(value));
  }
  const batch = writer.finish(options);
  return log.append(batch, readBatchHeader(batch, 0)!);
}

export function appendEnd(log: PartitionLog, producerId: number, type: 'commit' | 'abort'): void {
  const batch = controlBatch({
    type,
    producerId,
    producerEpoch: 0,
    coordinatorEpoch: 0,
    timestampMs: 1_000_000,
  });
  log.append(batch, readBatchHeader(batch, 0)!, type);
}

/** `offset:key=value` of everything that a consumer sees. */
export function contents(
  log: PartitionLog,
  options: { from?: number; committedOnly?: boolean } = {},
): string[] {
  const seen: string[] = [];
  const cursor = new RecordCursor();
  const { committedOnly = false } = options;
  for (let offset = options.from ?? log.startOffset; ; offset = cursor.nextOffset) {
    const { records, aborted } = log.read(offset, { maxBytes: 1000, committedOnly });
    if (records.length === 0) return seen;
    cursor.open(records, { fromOffset: offset, abortedTransactions: aborted });
    while (cursor.next()) {
      const text = (start: number, end: number) =>
        start < 0 ? null : cursor.bytes.toString('utf8', start, end);
      const key = text(cursor.keyStart, cursor.keyEnd);
      seen.push(`${cursor.offset}:${key}=${text(cursor.valueStart, cursor.valueEnd)}`);
    }
  }
}
