import { api, f, list, listOrNull, NO_UUID } from '../schema.ts';

/** Kafka's message Metadata, the versions spoken here. @see https://kafka.apache.org/protocol */
export const metadata = api({
  key: 3,
  name: 'Metadata',
  versions: [0, 12],
  flexibleFrom: 9,
  request: {
    topics: listOrNull({
      topicId: f('uuid', { from: 10, default: NO_UUID }),
      name: f('string?'),
    }),
    allowAutoTopicCreation: f('bool', { from: 4, default: true }),
    includeClusterAuthorizedOperations: f('bool', { from: 8, to: 10, default: false }),
    includeTopicAuthorizedOperations: f('bool', { from: 8, default: false }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 3, default: 0 }),
    brokers: list({
      nodeId: f('int32'),
      host: f('string'),
      port: f('int32'),
      rack: f('string?', { from: 1, default: null }),
    }),
    clusterId: f('string?', { from: 2, default: null }),
    controllerId: f('int32', { from: 1, default: -1 }),
    topics: list({
      errorCode: f('int16'),
      name: f('string?'),
      topicId: f('uuid', { from: 10, default: NO_UUID }),
      isInternal: f('bool', { from: 1, default: false }),
      partitions: list({
        errorCode: f('int16'),
        partitionIndex: f('int32'),
        leaderId: f('int32'),
        leaderEpoch: f('int32', { from: 7, default: -1 }),
        replicaNodes: list('int32'),
        isrNodes: list('int32'),
        offlineReplicas: list('int32', { from: 5, default: [] }),
      }),
      topicAuthorizedOperations: f('int32', { from: 8, default: -2147483648 }),
    }),
    clusterAuthorizedOperations: f('int32', { from: 8, to: 10, default: -2147483648 }),
  },
});
