import { api, f, list } from '../schema.ts';

/** Kafka's message SyncGroup, the versions spoken here. @see https://kafka.apache.org/protocol */
export const syncGroup = api({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: {
    groupId: f('string'),
    generationId: f('int32'),
    memberId: f('string'),
    groupInstanceId: f('string?', { from: 3, default: null }),
    protocolType: f('string?', { from: 5, default: null }),
    protocolName: f('string?', { from: 5, default: null }),
    assignments: list({
      memberId: f('string'),
      assignment: f('bytes'),
    }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 1, default: 0 }),
    errorCode: f('int16'),
    protocolType: f('string?', { from: 5, default: null }),
    protocolName: f('string?', { from: 5, default: null }),
    assignment: f('bytes'),
  },
});
