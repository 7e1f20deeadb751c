import { api, f, list } from '../schema.ts';

/** Kafka's message FindCoordinator, the versions spoken here. @see https://kafka.apache.org/protocol */
export const findCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    key: f('string', { to: 3, default: '' }),
    keyType: f('int8', { from: 1, default: 0 }),
    coordinatorKeys: list('string', { from: 4, default: [] }),
  },
  response: {
    throttleTimeMs: f('int32', { from: 1, default: 0 }),
    errorCode: f('int16', { to: 3, default: 0 }),
    errorMessage: f('string?', { from: 1, to: 3, default: null }),
    nodeId: f('int32', { to: 3, default: 0 }),
    host: f('string', { to: 3, default: '' }),
    port: f('int32', { to: 3, default: 0 }),
    coordinators: list(
      {
        key: f('string'),
        nodeId: f('int32'),
        host: f('string'),
        port: f('int32'),
        errorCode: f('int16'),
        errorMessage: f('string?'),
      },
      { from: 4, default: [] },
    ),
  },
});
