import { api, f, list } from '../schema.ts';

/** Kafka's message ApiVersions, the versions spoken here. @see https://kafka.apache.org/protocol */
export const apiVersions = api({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleFrom: 3,
  request: {
    clientSoftwareName: f('string', { from: 3, default: '' }),
    clientSoftwareVersion: f('string', { from: 3, default: '' }),
  },
  response: {
    errorCode: f('int16'),
    apiKeys: list({
      apiKey: f('int16'),
      minVersion: f('int16'),
      maxVersion: f('int16'),
    }),
    throttleTimeMs: f('int32', { from: 1, default: 0 }),
  },
});
