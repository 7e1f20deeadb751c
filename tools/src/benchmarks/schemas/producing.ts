/** Events held to their schema, to a topic, acks = all: our producer beside kafkajs with the registry client. */
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import {
  connectRegistry,
  createDecoder,
  createProducer,
  UserClickstreamSchema,
  type UserClickstream,
} from '@millrace/schemas';
import { Kafka, logLevel } from 'kafkajs';
import { atLeast, median, type Aim } from '../bench.ts';

const ROUNDS = 5;
const PARTITIONS = 4;
/** What kafkajs is given at once: large enough that its requests are as few as ours. */
const KAFKAJS_BATCH = 5_000;

export async function benchProducing(
  rows: readonly UserClickstream[],
  { brokers, registryUrl }: { brokers: readonly string[]; registryUrl: string },
): Promise<Aim[]> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topic = `bench-producing-${Date.now()}`;
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true });
  const registry = connectRegistry({ url: registryUrl });
  const ours = await createProducer({
    brokers,
    registry,
    schemas: { [topic]: UserClickstreamSchema },
    autoRegister: true,
  });
  const client = new SchemaRegistry({ host: registryUrl });
  const { id } = await client.register(
    { type: SchemaType.AVRO, schema: JSON.stringify(UserClickstreamSchema) },
    { subject: `${topic}-value`, compatibility: (await registry.compatibility(`${topic}-value`)) as never },
  );
  const theirs = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await theirs.connect();

  const runs = {
    ours: async () => {
      for (const value of rows) if (!ours.send(topic, { key: value.user_id, value })) await ours.drained();
      await ours.flush();
    },
    theirs: async () => {
      for (let start = 0; start < rows.length; start += KAFKAJS_BATCH) {
        const some = rows.slice(start, start + KAFKAJS_BATCH);
        const messages = await Promise.all(
          some.map(async (value) => ({ key: value.user_id, value: await client.encode(id, value) })),
        );
        await theirs.send({ topic, acks: -1, messages });
      }
    },
  };
  const speeds: Record<keyof typeof runs, number[]> = { ours: [], theirs: [] };
  for (let round = -1; round < ROUNDS; round++) {
    for (const name of ['ours', 'theirs'] as const) {
      const start = performance.now();
      await runs[name]();
      if (round >= 0) speeds[name].push((rows.length / (performance.now() - start)) * 1_000);
    }
  }
  await ours.close();
  await theirs.disconnect();
  const written = (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
  const expected = 2 * (ROUNDS + 1) * rows.length;
  if (written !== expected) throw new Error(`${written} records are in the topic, not ${expected}`);
  await checkSample(kafka, topic, registryUrl, rows);
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();

  console.log(`producing ${rows.length} clicks, checked, acks = all, median of ${ROUNDS} rounds`);
  for (const [name, values] of Object.entries(speeds)) {
    const label = name === 'ours' ? 'createProducer' : 'kafkajs with the registry client';
    console.log(`  ${label.padEnd(34)} ${Math.round(median(values)).toLocaleString('en')} records/s`);
  }
  const ratio = median(speeds.ours) / median(speeds.theirs);
  return [atLeast('producing enforced events beside kafkajs with the registry client', 5, ratio, 'times')];
}

/** The first records of both, as another client reads them. */
async function checkSample(
  kafka: Kafka,
  topic: string,
  registryUrl: string,
  rows: readonly UserClickstream[],
): Promise<void> {
  const decoder = createDecoder<UserClickstream>({ registry: connectRegistry({ url: registryUrl }) });
  const byId = new Map(rows.map((row) => [row.event_id, JSON.stringify(row)]));
  const consumer = kafka.consumer({ groupId: `${topic}-check` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let left = 1_000;
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
      if (left <= 0) return;
      const value = await decoder.decode(message.value ?? Buffer.alloc(0));
      if (JSON.stringify(value) !== byId.get(value.event_id))
        reject(new Error(`read ${JSON.stringify(value)}`));
      if (--left === 0) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
}
