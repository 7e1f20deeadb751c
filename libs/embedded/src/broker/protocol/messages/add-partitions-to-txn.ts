import { api, f, list } from '../schema.ts';

/** Kafka's message AddPartitionsToTxn, the versions spoken here. @see https://kafka.apache.org/protocol */
export const addPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 3],
  flexibleFrom: 3,
  request: {
    transactionalId: f('string'),
    producerId: f('int64'),
    producerEpoch: f('int16'),
    topics: list({
      name: f('string'),
      partitions: list('int32'),
    }),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    results: list({
      name: f('string'),
      resultsByPartition: list({
        partitionIndex: f('int32'),
        partitionErrorCode: f('int16'),
      }),
    }),
  },
});
