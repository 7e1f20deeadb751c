import { api, f, list } from '../schema.ts';

/** Kafka's message DescribeGroups, the versions spoken here. @see https://kafka.apache.org/protocol */
export const describeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 5],
  flexibleFrom: 5,
  request: {
    groups: list('string'),
    includeAuthorizedOperations: f('bool', { from: 3, default: false }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 1, default: 0 }),
    groups: list({
      errorCode: f('int16'),
      groupId: f('string'),
      groupState: f('string'),
      protocolType: f('string'),
      protocolData: f('string'),
      members: list({
        memberId: f('string'),
        groupInstanceId: f('string?', { from: 4, default: null }),
        clientId: f('string'),
        clientHost: f('string'),
        memberMetadata: f('bytes'),
        memberAssignment: f('bytes'),
      }),
      authorizedOperations: f('int32', { from: 3, default: -2147483648 }),
    }),
  },
});
