import { api, f, list } from '../schema.ts';

/** Kafka's message OffsetDelete, the versions spoken here. @see https://kafka.apache.org/protocol */
export const offsetDelete = api({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  request: {
    groupId: f('string'),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
      }),
    }),
  },
  response: {
    errorCode: f('int16'),
    throttleTimeMs: f('int32', { default: 0 }),
    topics: list({
      name: f('string'),
      partitions: list({
        partitionIndex: f('int32'),
        errorCode: f('int16'),
      }),
    }),
  },
});
