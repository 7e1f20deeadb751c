import { BatchWriter } from '@millrace/record-batch';
import { Connection } from '@platformatic/kafka';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { fetchBytes, produceBytes } from '../record-batch/wire.ts';

export const PARTITIONS = 4;
const VALUE = Buffer.alloc(100, 'millrace ');
/** Messages of one `send` of kafkajs. */
const SEND_MESSAGES = 2_000;
const SENDS_AT_ONCE = 4;
/** Records of one batch of the raw client, about one megabyte. */
const BATCH_RECORDS = 9_000;

/** Records a second of one broker, by client and direction. */
export interface Speeds {
  kafkajsWrite: number;
  kafkajsRead: number;
  rawWrite: number;
  rawRead: number;
}

/** Writes and reads topics of 100-byte records; throws if a record is missing. */
export async function measure(broker: string, counts: { kafkajs: number; raw: number }): Promise<Speeds> {
  const kafka = new Kafka({ clientId: 'bench', brokers: [broker], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const run = `bench-embedded-${process.pid}-${Date.now()}`;
  const topics = [`${run}-kafkajs`, `${run}-raw`];
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 })),
  });
  try {
    return {
      kafkajsWrite: await kafkajsWrite(kafka, topics[0]!, counts.kafkajs),
      kafkajsRead: await kafkajsRead(kafka, topics[0]!, counts.kafkajs),
      rawWrite: await rawWrite(broker, topics[1]!, counts.raw),
      rawRead: await rawRead(broker, topics[1]!, counts.raw),
    };
  } finally {
    await admin.deleteTopics({ topics });
    await admin.disconnect();
  }
}

async function kafkajsWrite(kafka: Kafka, topic: string, count: number): Promise<number> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = Array.from({ length: SEND_MESSAGES }, () => ({ value: VALUE }));
  const seconds = await timed(async () => {
    let left = count / SEND_MESSAGES;
    const lane = async () => {
      while (left-- > 0) await producer.send({ topic, messages });
    };
    await Promise.all(Array.from({ length: SENDS_AT_ONCE }, lane));
  });
  await producer.disconnect();
  return count / seconds;
}

async function kafkajsRead(kafka: Kafka, topic: string, count: number): Promise<number> {
  const consumer = kafka.consumer({ groupId: `${topic}-readers`, maxBytesPerPartition: 4 << 20 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let seen = 0;
  let first = 0;
  let startedAt = 0;
  const perSecond = await new Promise<number>((resolve, reject) => {
    void consumer
      .run({
        eachBatch: async ({ batch }) => {
          seen += batch.messages.length;
          if (startedAt === 0) {
            // Joining the group is not what is measured.
            startedAt = performance.now();
            first = seen;
          }
          if (seen === count) resolve(((count - first) / (performance.now() - startedAt)) * 1000);
          if (seen > count) reject(new Error(`${seen} records read of ${count}`));
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return perSecond;
}

async function rawWrite(broker: string, topic: string, count: number): Promise<number> {
  const writer = new BatchWriter();
  for (let record = 0; record < BATCH_RECORDS; record++) writer.append(Date.now(), null, VALUE);
  const batch = writer.finish();
  const connection = await connect(broker);
  const seconds = await timed(async () => {
    let next = 0;
    const lane = async () => {
      while (next < count / BATCH_RECORDS) {
        await produceBytes.async(connection, { topic, partition: next++ % PARTITIONS, batch });
      }
    };
    await Promise.all([lane(), lane()]);
  });
  await connection.close();
  return count / seconds;
}

async function rawRead(broker: string, topic: string, count: number): Promise<number> {
  const connection = await connect(broker);
  const offsets = new Array<number>(PARTITIONS).fill(0);
  let batches = 0;
  const seconds = await timed(async () => {
    while (batches * BATCH_RECORDS < count) {
      const partitions = offsets.map((offset, partition) => ({ partition, offset }));
      const limits = { maxWaitMs: 500, minBytes: 1, maxBytes: 16 << 20, partitionBytes: 4 << 20 };
      for (const { partition, bytes } of await fetchBytes.async(connection, {
        topic,
        partitions,
        ...limits,
      })) {
        for (let at = 0; at + 12 <= bytes.length;) {
          const end = at + 12 + bytes.readInt32BE(at + 8);
          if (end > bytes.length) break;
          offsets[partition]! += BATCH_RECORDS;
          batches++;
          at = end;
        }
      }
    }
  });
  await connection.close();
  if (batches * BATCH_RECORDS !== count)
    throw new Error(`${batches * BATCH_RECORDS} records read of ${count}`);
  return count / seconds;
}

async function connect(broker: string): Promise<Connection> {
  const [host, port] = broker.split(':');
  const connection = new Connection('bench');
  await connection.connect(host!, Number(port));
  return connection;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}
