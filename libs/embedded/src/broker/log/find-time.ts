import { RecordCursor } from '@millrace/record-batch';
import type { Segment } from './segment.ts';

export interface TimedOffset {
  readonly offset: number;
  readonly timestampMs: number;
}

/** What of a log is searched. */
interface SearchedLog {
  readonly segments: readonly Segment[];
  readonly startOffset: number;
}

/** The first readable record at or after `timestampMs` in the segments that `mayHold` picks. */
export function findTime(
  log: SearchedLog,
  mayHold: (segment: Segment) => boolean,
  timestampMs: number,
): TimedOffset | undefined {
  for (const segment of log.segments) {
    if (!mayHold(segment)) continue;
    for (const { bytes, header } of segment.batchesFromTime(timestampMs)) {
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      if (header.isControl || header.maxTimestampMs < timestampMs || lastOffset < log.startOffset) continue;
      if (header.timestampType === 'logAppendTime') {
        return { offset: Math.max(header.baseOffset, log.startOffset), timestampMs: header.maxTimestampMs };
      }
      const found = inBatch(bytes.subarray(header.position, header.position + header.byteLength), {
        timestampMs,
        fromOffset: log.startOffset,
      });
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function inBatch(
  batch: Buffer,
  wanted: { timestampMs: number; fromOffset: number },
): TimedOffset | undefined {
  const cursor = new RecordCursor();
  cursor.open(batch, { fromOffset: wanted.fromOffset });
  while (cursor.next()) {
    if (cursor.timestampMs >= wanted.timestampMs)
      return { offset: cursor.offset, timestampMs: cursor.timestampMs };
  }
  return undefined;
}
