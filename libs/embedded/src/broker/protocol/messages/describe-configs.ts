import { api, f, list, listOrNull } from '../schema.ts';

/** Kafka's message DescribeConfigs, the versions spoken here. @see https://kafka.apache.org/protocol */
export const describeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexibleFrom: 4,
  request: {
    resources: list({
      resourceType: f('int8'),
      resourceName: f('string'),
      configurationKeys: listOrNull('string'),
    }),
    includeSynonyms: f('bool', { default: false }),
    includeDocumentation: f('bool', { from: 3, default: false }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    results: list({
      errorCode: f('int16'),
      errorMessage: f('string?'),
      resourceType: f('int8'),
      resourceName: f('string'),
      configs: list({
        name: f('string'),
        value: f('string?'),
        readOnly: f('bool'),
        configSource: f('int8', { default: -1 }),
        isSensitive: f('bool'),
        synonyms: list({
          name: f('string'),
          value: f('string?'),
          source: f('int8'),
        }),
        configType: f('int8', { from: 3, default: 0 }),
        documentation: f('string?', { from: 3, default: null }),
      }),
    }),
  },
});
