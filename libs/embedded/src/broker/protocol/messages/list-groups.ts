import { api, f, list } from '../schema.ts';

/** Kafka's message ListGroups, the versions spoken here. @see https://kafka.apache.org/protocol */
export const listGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    statesFilter: list('string', { from: 4, default: [] }),
    typesFilter: list('string', { from: 5, default: [] }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 1, default: 0 }),
    errorCode: f('int16'),
    groups: list({
      groupId: f('string'),
      protocolType: f('string'),
      groupState: f('string', { from: 4, default: '' }),
      groupType: f('string', { from: 5, default: '' }),
    }),
  },
});
