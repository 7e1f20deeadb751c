import { api, f, list } from '../schema.ts';

/** Kafka's message JoinGroup, the versions spoken here. @see https://kafka.apache.org/protocol */
export const joinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: [2, 9],
  flexibleFrom: 6,
  request: {
    groupId: f('string'),
    sessionTimeoutMs: f('int32'),
    rebalanceTimeoutMs: f('int32', { default: -1 }),
    memberId: f('string'),
    groupInstanceId: f('string?', { from: 5, default: null }),
    protocolType: f('string'),
    protocols: list({
      name: f('string'),
      metadata: f('bytes'),
    }),
    reason: f('string?', { from: 8, default: null }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    errorCode: f('int16'),
    generationId: f('int32', { default: -1 }),
    protocolType: f('string?', { from: 7, default: null }),
    protocolName: f('string?'),
    leader: f('string'),
    skipAssignment: f('bool', { from: 9, default: false }),
    memberId: f('string'),
    members: list({
      memberId: f('string'),
      groupInstanceId: f('string?', { from: 5, default: null }),
      metadata: f('bytes'),
    }),
  },
});
