import { api, f, list, listOrNull, NO_UUID } from '../schema.ts';

/** Kafka's message CreateTopics, the versions spoken here. @see https://kafka.apache.org/protocol */
export const createTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: [2, 7],
  flexibleFrom: 5,
  request: {
    topics: list({
      name: f('string'),
      numPartitions: f('int32'),
      replicationFactor: f('int16'),
      assignments: list({
        partitionIndex: f('int32'),
        brokerIds: list('int32'),
      }),
      configs: list({
        name: f('string'),
        value: f('string?'),
      }),
    }),
    timeoutMs: f('int32', { default: 60000 }),
    validateOnly: f('bool', { default: false }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    topics: list({
      name: f('string'),
      topicId: f('uuid', { from: 7, default: NO_UUID }),
      errorCode: f('int16'),
      errorMessage: f('string?'),
      numPartitions: f('int32', { from: 5, default: -1 }),
      replicationFactor: f('int16', { from: 5, default: -1 }),
      configs: listOrNull(
        {
          name: f('string'),
          value: f('string?'),
          readOnly: f('bool'),
          configSource: f('int8', { default: -1 }),
          isSensitive: f('bool'),
        },
        { from: 5, default: null },
      ),
    }),
  },
});
