import { api, f, list, NO_UUID } from '../schema.ts';

/** Kafka's message DeleteTopics, the versions spoken here. @see https://kafka.apache.org/protocol */
export const deleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 6],
  flexibleFrom: 4,
  request: {
    topics: list(
      {
        name: f('string?', { default: null }),
        topicId: f('uuid'),
      },
      { from: 6, default: [] },
    ),
    topicNames: list('string', { to: 5, default: [] }),
    timeoutMs: f('int32'),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    responses: list({
      name: f('string?'),
      topicId: f('uuid', { from: 6, default: NO_UUID }),
      errorCode: f('int16'),
      errorMessage: f('string?', { from: 5, default: null }),
    }),
  },
});
