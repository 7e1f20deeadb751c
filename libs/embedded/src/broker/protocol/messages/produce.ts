import { api, f, list } from '../schema.ts';

/** Kafka's message Produce, the versions spoken here. @see https://kafka.apache.org/protocol */
export const produce = api({
  key: 0,
  name: 'Produce',
  versions: [3, 11],
  flexibleFrom: 9,
  request: {
    transactionalId: f('string?', { default: null }),
    acks: f('int16'),
    timeoutMs: f('int32'),
    topicData: list({
      name: f('string'),
      partitionData: list({
        index: f('int32'),
        records: f('records?'),
      }),
    }),
  },
  response: {
    responses: list({
      name: f('string'),
      partitionResponses: list({
        index: f('int32'),
        errorCode: f('int16'),
        baseOffset: f('int64'),
        logAppendTimeMs: f('int64', { default: -1 }),
        logStartOffset: f('int64', { from: 5, default: -1 }),
        recordErrors: list(
          {
            batchIndex: f('int32'),
            batchIndexErrorMessage: f('string?', { default: null }),
          },
          { from: 8, default: [] },
        ),
        errorMessage: f('string?', { from: 8, default: null }),
      }),
    }),
    throttleTimeMs: f('int32', { default: 0 }),
  },
});
