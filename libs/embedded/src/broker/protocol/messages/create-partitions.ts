import { api, f, list, listOrNull } from '../schema.ts';

/** Kafka's message CreatePartitions, the versions spoken here. @see https://kafka.apache.org/protocol */
export const createPartitions = api({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    topics: list({
      name: f('string'),
      count: f('int32'),
      assignments: listOrNull({
        brokerIds: list('int32'),
      }),
    }),
    timeoutMs: f('int32'),
    validateOnly: f('bool'),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    results: list({
      name: f('string'),
      errorCode: f('int16'),
      errorMessage: f('string?', { default: null }),
    }),
  },
});
