import { Kafka, logLevel } from 'kafkajs';
import { FETCH, Stopwatch, sendAll, type Contender } from './contender.ts';
import { BATCH_RECORDS, emptyTally, PARTITIONS } from './rows.ts';

/** `kafkajs` as its documentation has it: `eachBatch` and `producer.send`. */
export function withKafkajs(brokers: string[]): Contender {
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING });
  return {
    name: 'kafkajs',

    async read(topic, records) {
      const consumer = kafka.consumer({
        groupId: `${topic}-kafkajs-${Date.now()}`,
        maxWaitTimeInMs: FETCH.maxWaitMs,
        minBytes: FETCH.minBytes,
        maxBytes: FETCH.maxBytes,
        maxBytesPerPartition: FETCH.partitionBytes,
      });
      const tally = emptyTally();
      const watch = new Stopwatch();
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const reading = await new Promise<ReturnType<Stopwatch['stop']>>((resolve, reject) => {
        consumer
          .run({
            autoCommit: false,
            eachBatchAutoResolve: true,
            eachBatch: async ({ batch }) => {
              for (const { key, value } of batch.messages) {
                tally.records++;
                tally.bytes += key!.length + value!.length;
                tally.marks += value![value!.length - 2]!;
              }
              watch.arrived(tally.records);
              if (tally.records >= records) resolve(watch.stop(tally));
            },
          })
          .catch(reject);
      });
      await consumer.disconnect();
      return reading;
    },

    async openWriter(topic) {
      const producer = kafka.producer({
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0,
      });
      await producer.connect();
      return {
        async write({ count, keys, values, timestampsMs }) {
          await sendAll(Math.ceil(count / BATCH_RECORDS), async (batch) => {
            const messages = [];
            const end = Math.min((batch + 1) * BATCH_RECORDS, count);
            for (let index = batch * BATCH_RECORDS; index < end; index++) {
              messages.push({
                key: keys[index]!,
                value: values[index]!,
                timestamp: `${timestampsMs[index]}`,
                partition: batch % PARTITIONS,
              });
            }
            await producer.send({ topic, acks: -1, messages });
          });
        },
        close: () => producer.disconnect(),
      };
    },
  };
}
