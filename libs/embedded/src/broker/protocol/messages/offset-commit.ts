import { api, f, list } from '../schema.ts';

/** Kafka's message OffsetCommit, the versions spoken here. @see https://kafka.apache.org/protocol */
export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 9],
  flexibleFrom: 8,
  request: {
    groupId: f('string'),
    generationId: f('int32', { default: -1 }),
    memberId: f('string'),
    groupInstanceId: f('string?', { from: 7, default: null }),
    retentionTimeMs: f('int64', { to: 4, default: -1 }),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        committedOffset: f('int64'),
        committedLeaderEpoch: f('int32', { from: 6, default: -1 }),
        committedMetadata: f('string?'),
      }),
    }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 3, default: 0 }),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        errorCode: f('int16'),
      }),
    }),
  },
});
