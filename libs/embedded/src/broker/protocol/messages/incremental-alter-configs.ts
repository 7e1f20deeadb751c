import { api, f, list } from '../schema.ts';

/** Kafka's message IncrementalAlterConfigs, the versions spoken here. @see https://kafka.apache.org/protocol */
export const incrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleFrom: 1,
  request: {
    resources: list({
      resourceType: f('int8'),
      resourceName: f('string'),
      configs: list({
        name: f('string'),
        configOperation: f('int8'),
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
