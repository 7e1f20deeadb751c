import { api, f, list, listOrNull } from '../schema.ts';

/** Kafka's message OffsetFetch, the versions spoken here. @see https://kafka.apache.org/protocol */
export const offsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 9],
  flexibleFrom: 6,
  request: {
    groupId: f('string', { to: 7, default: '' }),
    topics: listOrNull(
      {
        name: f('string'),
        partitionIndexes: list('int32'),
      },
      { to: 7, default: null },
    ),
    groups: list(
      {
        groupId: f('string'),
        memberId: f('string?', { from: 9, default: null }),
        memberEpoch: f('int32', { from: 9, default: -1 }),
        topics: listOrNull({
          name: f('string'),
          partitionIndexes: list('int32'),
        }),
      },
      { from: 8, default: [] },
    ),
    requireStable: f('bool', { from: 7, default: false }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 3, default: 0 }),
    topics: list(
      {
        name: f('string'),
        partitions: list({
          partitionIndex: f('int32'),
          committedOffset: f('int64'),
          committedLeaderEpoch: f('int32', { from: 5, default: -1 }),
          metadata: f('string?'),
          errorCode: f('int16'),
        }),
      },
      { to: 7, default: [] },
    ),
    errorCode: f('int16', { from: 2, to: 7, default: 0 }),
    groups: list(
      {
        groupId: f('string'),
        topics: list({
          name: f('string'),
          partitions: list({
            partitionIndex: f('int32'),
            committedOffset: f('int64'),
            committedLeaderEpoch: f('int32', { default: -1 }),
            metadata: f('string?'),
            errorCode: f('int16'),
          }),
        }),
        errorCode: f('int16', { default: 0 }),
      },
      { from: 8, default: [] },
    ),
  },
});
