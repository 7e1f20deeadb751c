import { api, f } from '../schema.ts';

/** Kafka's message AddOffsetsToTxn, the versions spoken here. @see https://kafka.apache.org/protocol */
export const addOffsetsToTxn = api({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 4],
  flexibleFrom: 3,
  request: {
    transactionalId: f('string'),
    producerId: f('int64'),
    producerEpoch: f('int16'),
    groupId: f('string'),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    errorCode: f('int16'),
  },
});
