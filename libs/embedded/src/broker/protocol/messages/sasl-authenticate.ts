import { api, f } from '../schema.ts';

/** Kafka's message SaslAuthenticate, the versions spoken here. @see https://kafka.apache.org/protocol */
export const saslAuthenticate = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    authBytes: f('bytes'),
  },
  response: {
    errorCode: f('int16'),
    errorMessage: f('string?'),
    authBytes: f('bytes'),
    sessionLifetimeMs: f('int64', { from: 1, default: 0 }),
  },
});
