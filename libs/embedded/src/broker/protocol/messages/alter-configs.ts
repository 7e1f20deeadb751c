import { api, f, list } from '../schema.ts';

/** Kafka's message AlterConfigs, the versions spoken here. @see https://kafka.apache.org/protocol */
export const alterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    resources: list({
      resourceType: f('int8'),
      resourceName: f('string'),
      configs: list({
        name: f('string'),
        value: f('string?'),
      }),
    }),
    validateOnly: f('bool'),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    responses: list({
      errorCode: f('int16'),
      errorMessage: f('string?'),
      resourceType: f('int8'),
      resourceName: f('string'),
    }),
  },
});
