import { api, f } from '../schema.ts';

/** Kafka's message InitProducerId, the versions spoken here. @see https://kafka.apache.org/protocol */
export const initProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 5],
  flexibleFrom: 2,
  request: {
    transactionalId: f('string?'),
    transactionTimeoutMs: f('int32'),
    producerId: f('int64', { from: 3, default: -1 }),
    producerEpoch: f('int16', { from: 3, default: -1 }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    errorCode: f('int16'),
    producerId: f('int64', { default: -1 }),
    producerEpoch: f('int16'),
  },
});
