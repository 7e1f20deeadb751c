import { readBatchHeader, type BatchHeader } from '@millrace/record-batch';
import type { SegmentBytes } from './log-store.ts';

/** Bytes in front of a batch that its length field does not count. */
const PREFIX_BYTES = 12;
const LENGTH_AT = 8;
const LAST_OFFSET_DELTA_AT = 23;
const MAX_TIMESTAMP_AT = 35;
/** Enough of a batch to know where it ends and which offsets and times it covers. */
export const OUTLINE_BYTES = 43;

const CHUNK_BYTES = 1 << 20;

/** Where a stored batch lies and what it covers, read from its first bytes alone. */
export interface Outline {
  readonly position: number;
  readonly byteLength: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestampMs: number;
}

/** The outline of the batch that begins at `at` in `bytes`; undefined if its first bytes are not there or no batch's. */
export function outlineAt(bytes: Buffer, at: number): Outline | undefined {
  if (bytes.length - at < OUTLINE_BYTES) return undefined;
  if (bytes.readInt32BE(at + LENGTH_AT) < OUTLINE_BYTES - PREFIX_BYTES) return undefined;
  const baseOffset = int64(bytes, at);
  return {
    position: at,
    byteLength: PREFIX_BYTES + bytes.readInt32BE(at + LENGTH_AT),
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT),
    maxTimestampMs: int64(bytes, at + MAX_TIMESTAMP_AT),
  };
}

/**
 * The whole batches of a segment from `start` on, in order; `header.position` is a place in `bytes`, `position` one in
 * the segment. Ends before a torn or broken batch. The header object is reused.
 */
export function* batches(
  segment: SegmentBytes,
  start = 0,
): Generator<{ bytes: Buffer; header: BatchHeader; position: number }> {
  let chunkStart = start;
  let chunkBytes = CHUNK_BYTES;
  while (chunkStart < segment.byteLength) {
    const bytes = segment.read(chunkStart, chunkBytes);
    let at = 0;
    for (;;) {
      const header = readOrNothing(bytes, at);
      if (header === undefined) break;
      yield { bytes, header, position: chunkStart + at };
      at += header.byteLength;
    }
    if (at === 0) {
      const outline = outlineAt(bytes, 0);
      const whole = outline !== undefined && outline.byteLength > chunkBytes;
      if (!whole || outline.byteLength > segment.byteLength - chunkStart) return;
      chunkBytes = outline.byteLength;
    } else {
      chunkStart += at;
      chunkBytes = CHUNK_BYTES;
    }
  }
}

function readOrNothing(bytes: Buffer, at: number): BatchHeader | undefined {
  try {
    return readBatchHeader(bytes, at);
  } catch {
    return undefined; // Not a batch: what a crash or a foreign hand left there ends the segment.
  }
}

function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
