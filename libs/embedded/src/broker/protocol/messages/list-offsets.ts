import { api, f, list } from '../schema.ts';

/** Kafka's message ListOffsets, the versions spoken here. @see https://kafka.apache.org/protocol */
export const listOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: [1, 9],
  flexibleFrom: 6,
  request: {
    replicaId: f('int32'),
    isolationLevel: f('int8', { from: 2, default: 0 }),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        currentLeaderEpoch: f('int32', { from: 4, default: -1 }),
        timestamp: f('int64'),
      }),
    }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 2, default: 0 }),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        errorCode: f('int16'),
        timestamp: f('int64', { default: -1 }),
        offset: f('int64', { default: -1 }),
        leaderEpoch: f('int32', { from: 4, default: -1 }),
      }),
    }),
  },
});
