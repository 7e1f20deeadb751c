import { api, f } from '../schema.ts';

/** Kafka's message EndTxn, the versions spoken here. @see https://kafka.apache.org/protocol */
export const endTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: [0, 4],
  flexibleFrom: 3,
  request: {
    transactionalId: f('string'),
    producerId: f('int64'),
    producerEpoch: f('int16'),
    committed: f('bool'),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    errorCode: f('int16'),
  },
});
