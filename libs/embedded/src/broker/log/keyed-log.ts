import {
  BatchWriter,
  RecordCursor,
  controlBatch,
  readBatchHeader,
  readControlType,
  type ControlType,
} from '@millrace/record-batch';
import type { PartitionLog } from './partition-log.ts';

export interface Entry {
  readonly key: Buffer;
  /** Null removes what was kept under the key. */
  readonly value: Buffer | null;
}

export interface ReplayedEntry extends Entry {
  readonly offset: number;
}

export interface Producer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** What a keyed log hands out when it is read again from its beginning. */
export interface ReplayVisitor {
  entry(entry: ReplayedEntry, transactionOf: number | undefined): void;
  end?(producerId: number, type: ControlType): void;
}

const MAX_BATCH_BYTES = 64 * 1024 * 1024;

/** A compacted partition in which the broker keeps its own state: what was written last under a key holds. */
export class KeyedLog {
  readonly log: PartitionLog;
  readonly #now: () => number;
  readonly #writer = new BatchWriter({ maxBytes: MAX_BATCH_BYTES });

  constructor(log: PartitionLog, now: () => number) {
    this.log = log;
    this.#now = now;
  }

  /** Writes entries in one batch; inside the producer's transaction if one is given. @returns the first one's offset */
  put(entries: readonly Entry[], transaction?: Producer): number {
    if (entries.length === 0) return this.log.nextOffset;
    this.#writer.reset();
    for (const { key, value } of entries) this.#writer.append(this.#now(), key, value);
    const batch = this.#writer.finish(
      transaction === undefined ? {} : { ...transaction, transactional: true },
    );
    return this.log.append(batch, readBatchHeader(batch, 0)!);
  }

  /** Reads everything from the beginning. */
  replay(visitor: ReplayVisitor): void {
    const cursor = new RecordCursor();
    for (const segment of this.log.segments) {
      for (const { bytes, header } of segment.batches()) {
        if (header.isControl) {
          const type = readControlType(bytes, header);
          if (type !== undefined) visitor.end?.(header.producerId, type);
          continue;
        }
        const transactionOf = header.isTransactional ? header.producerId : undefined;
        cursor.open(bytes, { start: header.position, end: header.position + header.byteLength });
        while (cursor.next()) visitor.entry(entryAt(cursor), transactionOf);
      }
    }
  }
}

/** Ends a producer's transaction in a partition with a marker. */
export function appendMarker(
  log: PartitionLog,
  marker: Producer & { type: ControlType; timestampMs: number },
): void {
  const batch = controlBatch({ ...marker, coordinatorEpoch: 0 });
  log.append(batch, readBatchHeader(batch, 0)!, marker.type);
}

function entryAt(cursor: RecordCursor): ReplayedEntry {
  const key = cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd);
  const value = cursor.valueStart < 0 ? null : cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd);
  return { key, value, offset: cursor.offset };
}
