import { api, f, list } from '../schema.ts';

/** Kafka's message TxnOffsetCommit, the versions spoken here. @see https://kafka.apache.org/protocol */
export const txnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 4],
  flexibleFrom: 3,
  request: {
    transactionalId: f('string'),
    groupId: f('string'),
    producerId: f('int64'),
    producerEpoch: f('int16'),
    generationId: f('int32', { from: 3, default: -1 }),
    memberId: f('string', { from: 3, default: '' }),
    groupInstanceId: f('string?', { from: 3, default: null }),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        committedOffset: f('int64'),
        committedLeaderEpoch: f('int32', { from: 2, default: -1 }),
        committedMetadata: f('string?'),
      }),
    }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        errorCode: f('int16'),
      }),
    }),
  },
});
