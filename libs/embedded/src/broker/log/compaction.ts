import { BatchWriter, RecordCursor, type BatchHeader } from '@millrace/record-batch';
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { SegmentBytes } from './log-store.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Segment } from './segment.ts';

/** Keys of one round of compaction that are held in memory; what has more is compacted in several rounds. */
export const MAX_KEYS_PER_ROUND = 1_000_000;
/** After so many bytes other work of the process gets its turn. */
const BYTES_PER_TURN = 4 * 1024 * 1024;
/** Longer keys are held as their hashes. */
const MAX_PLAIN_KEY_BYTES = 40;
/** A batch that was accepted may grow when it is written anew: it may have been compressed better. */
const MAX_BATCH_BYTES = 256 * 1024 * 1024;

export interface CompactionOptions {
  readonly nowMs: number;
  readonly isStopped: () => boolean;
}

/**
 * Keeps of each key the last record, in the sealed segments of a compacted topic, when enough of them is new. Records keep
 * their offsets. Aborted records and markers go, and committed ones become plain: their fate is decided for good.
 */
export async function compact(log: PartitionLog, options: CompactionOptions): Promise<void> {
  if (!log.config.compacts || log.closed) return;
  const segments = cleanable(log, options.nowMs);
  const dirty = segments.filter((segment) => segment.baseOffset >= log.cleanedUntil);
  const sum = (list: readonly Segment[]) => list.reduce((bytes, segment) => bytes + segment.byteLength, 0);
  const dirtyBytes = sum(dirty);
  if (dirtyBytes === 0 || dirtyBytes / sum(segments) < log.config.minCleanableDirtyRatio) return;
  const round: Round = { log, options, lastOffsets: new Map(), bytes: 0 };
  const end = await readKeys(round, dirty);
  if (end === undefined) return;
  const rewritten = segments.filter((segment) => segment.nextOffset <= end);
  while (rewritten.length > 0) if (!(await rewrite(round, rewritten))) return;
  log.noteCleaned(end);
}

interface Round {
  readonly log: PartitionLog;
  readonly options: CompactionOptions;
  /** The last offset of each key among the new records. */
  readonly lastOffsets: Map<string, number>;
  /** Read since other work had its turn. */
  bytes: number;
}

function cleanable(log: PartitionLog, nowMs: number): Segment[] {
  const { minCompactionLagMs } = log.config;
  const result: Segment[] = [];
  for (const segment of log.segments.slice(0, -1)) {
    const young = minCompactionLagMs > 0 && segment.maxTimestampMs > nowMs - minCompactionLagMs;
    if (segment.nextOffset > log.lastStableOffset || young) break;
    result.push(segment);
  }
  return result;
}

/** @returns up to which offset keys were read; undefined if the work was interrupted */
async function readKeys(round: Round, segments: readonly Segment[]): Promise<number | undefined> {
  const cursor = new RecordCursor();
  let end: number | undefined;
  for (const segment of segments) {
    if (end !== undefined && round.lastOffsets.size > MAX_KEYS_PER_ROUND) break;
    for (const { bytes, header } of segment.batches()) {
      if (header.isControl || isAborted(round.log, header)) continue;
      openBatch(cursor, bytes, header);
      while (cursor.next()) round.lastOffsets.set(keyOf(cursor), cursor.offset);
      if (!(await goOn(round, header.byteLength))) return undefined;
    }
    end = segment.nextOffset;
  }
  return end;
}

/**
 * Rewrites the first of the segments, together with those of its neighbours that then fit into one with it, and takes
 * them off the list.
 * @returns whether the work may go on
 */
async function rewrite(round: Round, segments: Segment[]): Promise<boolean> {
  const { log } = round;
  const { segmentBytes, deleteRetentionMs } = log.config;
  const group: Segment[] = [];
  const draft = log.store.draft(segments[0]!.baseOffset);
  let modifiedMs = 0;
  do {
    const segment = segments.shift()!;
    group.push(segment);
    modifiedMs = Math.max(modifiedMs, segment.bytes.modifiedMs);
    const keepTombstones = segment.bytes.modifiedMs >= round.options.nowMs - deleteRetentionMs;
    for (const { bytes, header } of segment.batches()) {
      if (!header.isControl && !isAborted(log, header)) keep(round, { bytes, header, draft, keepTombstones });
      if (!(await goOn(round, header.byteLength))) {
        draft.close();
        return false;
      }
    }
  } while (segments.length > 0 && draft.byteLength + segments[0]!.byteLength <= segmentBytes);
  log.replaceSegments(group, draft, modifiedMs);
  return true;
}

function keep(
  round: Round,
  batch: { bytes: Buffer; header: BatchHeader; draft: SegmentBytes; keepTombstones: boolean },
): void {
  const { bytes, header, draft } = batch;
  const cursor = new RecordCursor();
  openBatch(cursor, bytes, header);
  const writer = new BatchWriter({
    compression: header.compression,
    maxBytes: MAX_BATCH_BYTES,
    initialBytes: header.byteLength,
  });
  while (cursor.next()) {
    const outdated = (round.lastOffsets.get(keyOf(cursor)) ?? -1) > cursor.offset;
    if (outdated || (cursor.valueStart < 0 && !batch.keepTombstones)) continue;
    writer.skipTo(cursor.offset - header.baseOffset);
    const key = cursor.keyStart < 0 ? null : cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd);
    const value = cursor.valueStart < 0 ? null : cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd);
    writer.append(cursor.timestampMs, key, value, cursor.headers());
  }
  if (writer.recordCount === 0) return;
  if (writer.recordCount === header.recordCount && !header.isTransactional) {
    draft.append(bytes.subarray(header.position, header.position + header.byteLength));
    return;
  }
  const { baseOffset, lastOffsetDelta, partitionLeaderEpoch } = header;
  draft.append(writer.finish({ baseOffset, lastOffsetDelta, partitionLeaderEpoch }));
}

async function goOn(round: Round, bytes: number): Promise<boolean> {
  round.bytes += bytes;
  if (round.bytes > BYTES_PER_TURN) {
    round.bytes = 0;
    await breathe();
  }
  return !round.log.closed && !round.options.isStopped();
}

function isAborted(log: PartitionLog, header: BatchHeader): boolean {
  if (!header.isTransactional) return false;
  const { producerId, baseOffset } = header;
  return log.producers
    .abortedBetween(baseOffset, baseOffset + 1)
    .some((transaction) => transaction.producerId === producerId);
}

function openBatch(cursor: RecordCursor, bytes: Buffer, header: BatchHeader): void {
  cursor.open(bytes, { start: header.position, end: header.position + header.byteLength, checkCrc: false });
}

function keyOf(cursor: RecordCursor): string {
  const key = cursor.bytes.subarray(Math.max(0, cursor.keyStart), Math.max(0, cursor.keyEnd));
  if (key.length <= MAX_PLAIN_KEY_BYTES) return key.toString('latin1');
  return `#${createHash('sha256').update(key).digest('base64')}`;
}
