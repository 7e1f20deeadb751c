import { api, f, list } from '../schema.ts';

/** Kafka's message OffsetForLeaderEpoch, the versions spoken here. @see https://kafka.apache.org/protocol */
export const offsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [2, 4],
  flexibleFrom: 4,
  request: {
    replicaId: f('int32', { from: 3, default: -2 }),
    topics: list({
      topic: f('string'),
      partitions: list({
        partition: f('int32'),
        currentLeaderEpoch: f('int32', { default: -1 }),
        leaderEpoch: f('int32'),
      }),
    }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    topics: list({
      topic: f('string'),
      partitions: list({
        errorCode: f('int16'),
        partition: f('int32'),
        leaderEpoch: f('int32', { default: -1 }),
        endOffset: f('int64', { default: -1 }),
      }),
    }),
  },
});
