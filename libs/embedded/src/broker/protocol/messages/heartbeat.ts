import { api, f } from '../schema.ts';

/** Kafka's message Heartbeat, the versions spoken here. @see https://kafka.apache.org/protocol */
export const heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleFrom: 4,
  request: {
    groupId: f('string'),
    generationId: f('int32'),
    memberId: f('string'),
    groupInstanceId: f('string?', { from: 3, default: null }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 1, default: 0 }),
    errorCode: f('int16'),
  },
});
