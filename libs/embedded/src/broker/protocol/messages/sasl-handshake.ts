import { api, f, list } from '../schema.ts';

/** Kafka's message SaslHandshake, the versions spoken here. @see https://kafka.apache.org/protocol */
export const saslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  versions: [1, 1],
  request: {
    mechanism: f('string'),
  },
  response: {
    errorCode: f('int16'),
    mechanisms: list('string'),
  },
});
