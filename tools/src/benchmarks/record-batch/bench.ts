/**
 * Reading and writing a topic of a real broker: cursor and writer beside both JavaScript clients.
 * `npm run bench -- record-batch [HOST:PORT]`; without an address a broker is started in memory.
 */
import { startKafka } from '@millrace/embedded';
import { Kafka, logLevel } from 'kafkajs';
import { atLeast, median, type Aim, type Bench } from '../bench.ts';
import type { Contender, Reading } from './contender.ts';
import { measureMemory } from './in-memory.ts';
import { makeRows, PARTITIONS, tallyOf, type Rows, type Tally } from './rows.ts';
import { withKafkajs } from './with-kafkajs.ts';
import { withMillrace } from './with-millrace.ts';
import { withPlatformatic } from './with-platformatic.ts';

const ROWS = 500_000;
const ROUNDS = 3;

interface Result {
  readonly perSecond: number;
  readonly cpuPerMillion: number;
}

async function run(args: readonly string[]): Promise<Aim[]> {
  const embedded = args[0] === undefined ? await startKafka() : undefined;
  const brokers = embedded?.brokers ?? [args[0]!];
  console.log(
    `broker: ${brokers[0]} (${embedded ? 'embedded' : 'given'}); ${ROWS} records a round, ${ROUNDS} rounds`,
  );
  const admin = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const contenders = [withKafkajs(brokers), withPlatformatic(brokers), withMillrace(brokers)];
  const ours = contenders.at(-1)!;
  const run = `bench-record-batch-${Date.now()}`;
  const topics = contenders.map((_, index) => `${run}-${index}`);
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((topic) => ({
        topic,
        numPartitions: PARTITIONS,
        replicationFactor: 1,
        // The rows' timestamps are fixed and grow older than any retention.
        configEntries: [{ name: 'retention.ms', value: '-1' }],
      })),
    });
    const rows = makeRows(ROWS);
    const written: Result[] = [];
    for (const [index, contender] of contenders.entries()) {
      written.push(await measureWriting(contender, topics[index]!, rows));
      const content = await ours.read(topics[index]!, (ROUNDS + 1) * ROWS);
      check(`${contender.name} wrote`, content.tally, tallyOf(rows, ROUNDS + 1));
    }
    print('writing', contenders, written);

    const read: Result[] = [];
    for (const contender of contenders) read.push(await measureReading(contender, topics.at(-1)!, rows));
    print('reading', contenders, read);

    const memory = measureMemory(rows);
    return [
      atLeast('reading, times the better client', 5, ratio(read), '×'),
      atLeast('writing, times the better client', 5, ratio(written), '×'),
      atLeast('reading in memory, CRC checked', 8, memory.readPerSecond / 1e6, 'million records/s'),
      atLeast('writing in memory', 3, memory.writtenPerSecond / 1e6, 'million records/s'),
    ];
  } finally {
    await admin.deleteTopics({ topics }).catch(() => undefined);
    await admin.disconnect();
    await embedded?.stop();
  }
}

async function measureWriting(contender: Contender, topic: string, rows: Rows): Promise<Result> {
  const writer = await contender.openWriter(topic);
  await writer.write(rows);
  const results: Result[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = process.hrtime.bigint();
    const cpuAtStart = process.cpuUsage();
    await writer.write(rows);
    const cpu = process.cpuUsage(cpuAtStart);
    const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
    results.push({ perSecond: rows.count / seconds, cpuPerMillion: (cpu.user + cpu.system) / rows.count });
  }
  await writer.close();
  return middle(results);
}

async function measureReading(contender: Contender, topic: string, rows: Rows): Promise<Result> {
  const readings: Reading[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const reading = await contender.read(topic, (ROUNDS + 1) * rows.count);
    check(`${contender.name} read`, reading.tally, tallyOf(rows, ROUNDS + 1));
    if (round > 0) readings.push(reading);
  }
  return middle(
    readings.map(({ timed, seconds, cpuSeconds }) => ({
      perSecond: timed / seconds,
      cpuPerMillion: (cpuSeconds / timed) * 1e6,
    })),
  );
}

function middle(results: readonly Result[]): Result {
  return {
    perSecond: median(results.map((result) => result.perSecond)),
    cpuPerMillion: median(results.map((result) => result.cpuPerMillion)),
  };
}

/** Ours, the last, against the best of the others. */
function ratio(results: readonly Result[]): number {
  const others = results.slice(0, -1).map((result) => result.perSecond);
  return results.at(-1)!.perSecond / Math.max(...others);
}

function check(what: string, got: Tally, expected: Tally): void {
  if (JSON.stringify(got) !== JSON.stringify(expected)) {
    throw new Error(`${what} ${JSON.stringify(got)}, which should be ${JSON.stringify(expected)}`);
  }
}

function print(what: string, contenders: readonly Contender[], results: readonly Result[]): void {
  console.log(`\n${what.padEnd(24)}    records/s   CPU s per million`);
  for (const [index, { perSecond, cpuPerMillion }] of results.entries()) {
    const rate = Math.round(perSecond).toLocaleString('en').padStart(13);
    console.log(`${contenders[index]!.name.padEnd(24)}${rate}${cpuPerMillion.toFixed(2).padStart(20)}`);
  }
}

export const bench: Bench = {
  name: 'record-batch',
  summary:
    'reading and writing a Kafka topic with the cursor and the writer, beside kafkajs and @platformatic/kafka',
  run,
};
