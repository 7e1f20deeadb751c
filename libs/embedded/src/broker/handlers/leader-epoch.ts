import { LEADER_EPOCH } from '../log/partition-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { offsetForLeaderEpoch } from '../protocol/messages/index.ts';
import { handler } from './handler.ts';

/** What is wrong with the leader epoch that a client believes in; −1 means that it does not say. @returns an error code */
export function epochFault(epoch: number): number {
  if (epoch < 0 || epoch === LEADER_EPOCH) return ErrorCode.none;
  return epoch > LEADER_EPOCH ? ErrorCode.unknownLeaderEpoch : ErrorCode.fencedLeaderEpoch;
}

/** The offset where a leader epoch ended; there is one epoch, so this is the end of the log. */
export const offsetForLeaderEpochHandler = handler(offsetForLeaderEpoch, {
  handle: (request, { broker }) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
        const log = broker.topics.log(topic, partition);
        const errorCode =
          log === undefined ? ErrorCode.unknownTopicOrPartition : epochFault(currentLeaderEpoch);
        const known = log !== undefined && errorCode === ErrorCode.none && leaderEpoch === LEADER_EPOCH;
        return {
          errorCode,
          partition,
          leaderEpoch: known ? LEADER_EPOCH : -1,
          endOffset: known ? log.nextOffset : -1,
        };
      }),
    })),
  }),
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({
        errorCode,
        partition,
        leaderEpoch: -1,
        endOffset: -1,
      })),
    })),
  }),
});
