import type { PartitionLog } from '../log/partition-log.ts';
import { LEADER_EPOCH } from '../log/partition-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { listOffsets } from '../protocol/messages/index.ts';
import { handler } from './handler.ts';
import { epochFault } from './leader-epoch.ts';

/** Timestamps that ask for a place in the log instead of a time. */
const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const READ_COMMITTED = 1;

/** The first, last or a timestamp's offset of partitions. */
export const listOffsetsHandler = handler(listOffsets, {
  handle: (request, { broker }) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
        const log = broker.topics.log(name, partitionIndex);
        const errorCode =
          log === undefined ? ErrorCode.unknownTopicOrPartition : epochFault(currentLeaderEpoch);
        if (log === undefined || errorCode !== ErrorCode.none) return { partitionIndex, errorCode };
        const found = find(log, timestamp, request.isolationLevel === READ_COMMITTED);
        return { partitionIndex, errorCode, leaderEpoch: found.offset < 0 ? -1 : LEADER_EPOCH, ...found };
      }),
    })),
  }),
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }),
});

function find(
  log: PartitionLog,
  timestamp: number,
  committedOnly: boolean,
): { timestamp: number; offset: number } {
  const end = committedOnly ? log.lastStableOffset : log.nextOffset;
  if (timestamp === LATEST) return { timestamp: -1, offset: end };
  if (timestamp === EARLIEST || timestamp === EARLIEST_LOCAL)
    return { timestamp: -1, offset: log.startOffset };
  if (timestamp === LATEST_TIERED) return { timestamp: -1, offset: -1 };
  const found = timestamp === MAX_TIMESTAMP ? log.offsetForMaxTime() : log.offsetForTime(timestamp);
  if (found === undefined || found.offset >= end) return { timestamp: -1, offset: -1 };
  return { timestamp: found.timestampMs, offset: found.offset };
}
