import { api, f, list } from '../schema.ts';

/** Kafka's message DescribeCluster, the versions spoken here. @see https://kafka.apache.org/protocol */
export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 1],
  flexibleFrom: 0,
  request: {
    includeClusterAuthorizedOperations: f('bool'),
    endpointType: f('int8', { from: 1, default: 1 }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    errorCode: f('int16'),
    errorMessage: f('string?', { default: null }),
    endpointType: f('int8', { from: 1, default: 1 }),
    clusterId: f('string'),
    controllerId: f('int32', { default: -1 }),
    brokers: list({
      brokerId: f('int32'),
      host: f('string'),
      port: f('int32'),
      rack: f('string?', { default: null }),
    }),
    clusterAuthorizedOperations: f('int32', { default: -2147483648 }),
  },
});
