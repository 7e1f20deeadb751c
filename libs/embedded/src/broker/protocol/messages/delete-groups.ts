import { api, f, list } from '../schema.ts';

/** Kafka's message DeleteGroups, the versions spoken here. @see https://kafka.apache.org/protocol */
export const deleteGroups = api({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    groupNames: list('string'),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    results: list({
      groupId: f('string'),
      errorCode: f('int16'),
    }),
  },
});
