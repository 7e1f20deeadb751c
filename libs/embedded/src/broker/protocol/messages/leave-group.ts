import { api, f, list } from '../schema.ts';

/** Kafka's message LeaveGroup, the versions spoken here. @see https://kafka.apache.org/protocol */
export const leaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: {
    groupId: f('string'),
    memberId: f('string', { to: 2, default: '' }),
    members: list(
      {
        memberId: f('string'),
        groupInstanceId: f('string?', { default: null }),
        reason: f('string?', { from: 5, default: null }),
      },
      { from: 3, default: [] },
    ),
  },
  response: {
    throttleTimeMs: f('int32', { from: 1, default: 0 }),
    errorCode: f('int16'),
    members: list(
      {
        memberId: f('string'),
        groupInstanceId: f('string?'),
        errorCode: f('int16'),
      },
      { from: 3, default: [] },
    ),
  },
});
