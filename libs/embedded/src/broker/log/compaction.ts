import type { PartitionLog } from './partition-log.ts';

export async function compact(
  _log: PartitionLog,
  _options: { nowMs: number; isStopped: () => boolean },
): Promise<void> {}
