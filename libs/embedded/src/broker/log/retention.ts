import type { PartitionLog } from './partition-log.ts';

/** Removes the oldest segments that the topic's retention by time or size no longer covers. */
export function applyRetention(log: PartitionLog, nowMs: number): void {
  const { deletes, retentionMs, retentionBytes } = log.config;
  if (!deletes || log.closed) return;
  // Records of open transactions stay until it is known what becomes of them.
  const removable = log.lastStableOffset;
  let excessBytes = retentionBytes < 0 ? 0 : log.byteLength - retentionBytes;
  let before = log.startOffset;
  for (const segment of [...log.segments]) {
    const unused = segment === log.active && segment.byteLength === 0;
    if (unused || segment.nextOffset > removable) break;
    const tooOld = retentionMs >= 0 && segment.maxTimestampMs < nowMs - retentionMs;
    const tooMuch = retentionBytes >= 0 && excessBytes >= segment.byteLength;
    if (!tooOld && !tooMuch) break;
    excessBytes -= segment.byteLength;
    before = segment.nextOffset;
    if (segment === log.active) log.roll();
  }
  log.deleteBefore(before);
}
