import { api, f, list } from '../schema.ts';

/** Kafka's message DeleteRecords, the versions spoken here. @see https://kafka.apache.org/protocol */
export const deleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        offset: f('int64'),
      }),
    }),
    timeoutMs: f('int32'),
  },
  response: {
    throttleTimeMs: f('int32', { default: 0 }),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        lowWatermark: f('int64'),
        errorCode: f('int16'),
      }),
    }),
  },
});
