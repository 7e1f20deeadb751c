import { api, f, list, listOrNull, NO_UUID } from '../schema.ts';

/** Kafka's message Fetch, the versions spoken here. @see https://kafka.apache.org/protocol */
export const fetch = api({
  key: 1,
  name: 'Fetch',
  versions: [4, 17],
  flexibleFrom: 12,
  request: {
    replicaId: f('int32', { to: 14, default: -1 }),
    maxWaitMs: f('int32'),
    minBytes: f('int32'),
    maxBytes: f('int32', { default: 2147483647 }),
    isolationLevel: f('int8', { default: 0 }),
    sessionId: f('int32', { from: 7, default: 0 }),
    sessionEpoch: f('int32', { from: 7, default: -1 }),
    topics: list({
      topic: f('string', { to: 12, default: '' }),
      topicId: f('uuid', { from: 13, default: NO_UUID }),
      partitions: list({
        partition: f('int32'),
        currentLeaderEpoch: f('int32', { from: 9, default: -1 }),
        fetchOffset: f('int64'),
        lastFetchedEpoch: f('int32', { from: 12, default: -1 }),
        logStartOffset: f('int64', { from: 5, default: -1 }),
        partitionMaxBytes: f('int32'),
      }),
    }),
    forgottenTopicsData: list(
      {
        topic: f('string', { to: 12, default: '' }),
        topicId: f('uuid', { from: 13, default: NO_UUID }),
        partitions: list('int32'),
      },
      { from: 7, default: [] },
    ),
    rackId: f('string', { from: 11, default: '' }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    errorCode: f('int16', { from: 7, default: 0 }),
    sessionId: f('int32', { from: 7, default: 0 }),
    responses: list({
      topic: f('string', { to: 12, default: '' }),
      topicId: f('uuid', { from: 13, default: NO_UUID }),
      partitions: list({
        partitionIndex: f('int32'),
        errorCode: f('int16'),
        highWatermark: f('int64'),
        lastStableOffset: f('int64', { default: -1 }),
        logStartOffset: f('int64', { from: 5, default: -1 }),
        abortedTransactions: listOrNull({
          producerId: f('int64'),
          firstOffset: f('int64'),
        }),
        preferredReadReplica: f('int32', { from: 11, default: -1 }),
        records: f('records?'),
      }),
    }),
  },
});
