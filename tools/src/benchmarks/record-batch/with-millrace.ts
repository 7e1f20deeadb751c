import { BatchWriter, RecordCursor } from '@millrace/record-batch';
import { Connection } from '@platformatic/kafka';
import { FETCH, IN_FLIGHT, Stopwatch, sendAll, type Contender } from './contender.ts';
import { BATCH_RECORDS, emptyTally, PARTITIONS } from './rows.ts';
import { fetchBytes, produceBytes } from './wire.ts';

/** The cursor and the writer on `@platformatic/kafka`'s connections, as the streams runtime uses them. One broker. */
export function withMillrace(brokers: string[]): Contender {
  const [host, port] = brokers[0]!.split(':');
  const connect = async () => {
    const connection = new Connection('bench');
    await connection.connect(host!, Number(port));
    return connection;
  };
  return {
    name: '@millrace/record-batch',

    async read(topic, records) {
      const tally = emptyTally();
      const watch = new Stopwatch();
      const cursor = new RecordCursor();
      const offsets = new Array<number>(PARTITIONS).fill(0);
      // One half of the partitions is fetched while the other is read.
      const half = PARTITIONS / 2;
      const sides = [
        { connection: await connect(), first: 0, end: half },
        { connection: await connect(), first: half, end: PARTITIONS },
      ];
      const fetch = ({ connection, first, end }: (typeof sides)[number]) =>
        fetchBytes.async(connection, {
          ...FETCH,
          topic,
          partitions: offsets.map((offset, partition) => ({ partition, offset })).slice(first, end),
        });
      const lane = async (side: (typeof sides)[number]) => {
        let answer = await fetch(side);
        while (tally.records < records) {
          for (const { partition, bytes } of answer) {
            cursor.open(bytes, { fromOffset: offsets[partition]! });
            while (cursor.next()) {
              tally.records++;
              tally.bytes += cursor.keyEnd - cursor.keyStart + cursor.valueEnd - cursor.valueStart;
              tally.marks += cursor.bytes[cursor.valueEnd - 2]!;
            }
            offsets[partition] = cursor.nextOffset;
          }
          watch.arrived(tally.records);
          if (tally.records < records) answer = await fetch(side);
        }
      };
      await Promise.race(sides.map(lane));
      const reading = watch.stop(tally);
      await Promise.all(sides.map(({ connection }) => connection.close()));
      return reading;
    },

    async openWriter(topic) {
      const connection = await connect();
      const writers = Array.from({ length: IN_FLIGHT }, () => new BatchWriter({ initialBytes: 1 << 19 }));
      return {
        async write({ count, keys, values, timestampsMs }) {
          await sendAll(Math.ceil(count / BATCH_RECORDS), async (batch, lane) => {
            const writer = writers[lane]!;
            writer.reset();
            const end = Math.min((batch + 1) * BATCH_RECORDS, count);
            for (let index = batch * BATCH_RECORDS; index < end; index++) {
              writer.append(timestampsMs[index]!, keys[index]!, values[index]!);
            }
            await produceBytes.async(connection, {
              topic,
              partition: batch % PARTITIONS,
              batch: writer.finish(),
            });
          });
        },
        close: () => connection.close(),
      };
    },
  };
}
