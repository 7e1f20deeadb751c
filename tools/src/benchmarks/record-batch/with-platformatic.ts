import { Consumer, Producer } from '@platformatic/kafka';
import { FETCH, Stopwatch, sendAll, type Contender, type Reading } from './contender.ts';
import { BATCH_RECORDS, emptyTally, PARTITIONS } from './rows.ts';

/** `@platformatic/kafka` as its documentation has it: a stream of messages and `producer.send`. */
export function withPlatformatic(brokers: string[]): Contender {
  return {
    name: '@platformatic/kafka',

    async read(topic, records) {
      const consumer = new Consumer({
        clientId: 'bench',
        groupId: `${topic}-platformatic-${Date.now()}`,
        bootstrapBrokers: brokers,
        autocommit: false,
        maxWaitTime: FETCH.maxWaitMs,
        minBytes: FETCH.minBytes,
        maxBytes: FETCH.maxBytes,
        maxBytesPerPartition: FETCH.partitionBytes,
      });
      const tally = emptyTally();
      const watch = new Stopwatch();
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', highWaterMark: 16_384 });
      const reading = await new Promise<Reading>((resolve, reject) => {
        stream.on('error', reject);
        stream.on('data', ({ key, value }) => {
          tally.records++;
          tally.bytes += key.length + value.length;
          tally.marks += value[value.length - 2]!;
          watch.arrived(tally.records);
          if (tally.records === records) resolve(watch.stop(tally));
        });
      });
      await stream.close();
      await consumer.close(true);
      return reading;
    },

    async openWriter(topic) {
      const producer = new Producer({ clientId: 'bench', bootstrapBrokers: brokers });
      return {
        async write({ count, keys, values, timestampsMs }) {
          await sendAll(Math.ceil(count / BATCH_RECORDS), async (batch) => {
            const messages = [];
            const end = Math.min((batch + 1) * BATCH_RECORDS, count);
            for (let index = batch * BATCH_RECORDS; index < end; index++) {
              messages.push({
                topic,
                key: keys[index]!,
                value: values[index]!,
                timestamp: BigInt(timestampsMs[index]!),
                partition: batch % PARTITIONS,
              });
            }
            await producer.send({ messages, acks: -1 });
          });
        },
        close: () => producer.close(),
      };
    },
  };
}
