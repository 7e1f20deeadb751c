/**
 * Reading and writing a topic of a real broker: cursor and writer beside both JavaScript clients.
 * `npm run bench -- record-batch [HOST:PORT]`; without an address an embedded broker is started.
 */
import { Kafka, logLevel } from 'kafkajs';
import { atLeast, median, type Aim, type Bench } from '../bench.ts';
import type { Contender } from './contender.ts';
import { startEmbeddedBroker } from './embedded-broker.ts';
import { measureMemory, type InMemory } from './in-memory.ts';
import { makeRows, PARTITIONS, tallyOf, type Rows, type Tally } from './rows.ts';
import { withKafkajs } from './with-kafkajs.ts';
import { withMillrace } from './with-millrace.ts';
import { withPlatformatic } from './with-platformatic.ts';

const ROWS = 250_000;
const ROUNDS = 3;

interface Result {
  readonly perSecond: number;
  readonly cpuPerMillion: number;
}

async function run(args: readonly string[]): Promise<Aim[]> {
  const embedded = args[0] === undefined ? await startEmbeddedBroker() : undefined;
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
    // The rows live no longer than needed: a million small buffers make every collection of garbage slow.
    const { written, expected, memory } = await withRows(contenders, topics);
    for (const [index, contender] of contenders.entries()) {
      const { tally } = await ours.read(topics[index]!, expected.records);
      check(`${contender.name} wrote`, tally, expected);
    }
    print('writing', contenders, written);

    const read = await measureReading(contenders, topics.at(-1)!, expected);
    print('reading', contenders, read);
    console.log(memory.table);
    return [
      atLeast('reading, times the better client', 5, ratio(read), '×'),
      atLeast('writing, times the better client', 5, ratio(written), '×'),
      atLeast('reading in memory, CRC checked', 8, memory.readPerSecond / 1e6, 'million records/s'),
      atLeast('writing in memory', 3, memory.writtenPerSecond / 1e6, 'million records/s'),
    ];
  } finally {
    await admin.deleteTopics({ topics }).catch(() => undefined);
    await admin.disconnect();
    embedded?.stop();
  }
}

interface Written {
  readonly written: Result[];
  readonly expected: Tally;
  readonly memory: InMemory;
}

async function withRows(contenders: readonly Contender[], topics: string[]): Promise<Written> {
  const rows = makeRows(ROWS);
  const written = await measureWriting(contenders, topics, rows);
  return { written, expected: tallyOf(rows, ROUNDS + 1), memory: measureMemory(rows) };
}

/** Rounds go around all contenders, so that a machine busy with something else is busy for all of them; the first warms up. */
async function measureWriting(
  contenders: readonly Contender[],
  topics: string[],
  rows: Rows,
): Promise<Result[]> {
  const writers = await Promise.all(
    contenders.map((contender, index) => contender.openWriter(topics[index]!)),
  );
  const results: Result[][] = contenders.map(() => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, writer] of writers.entries()) {
      const startedAt = process.hrtime.bigint();
      const cpuAtStart = process.cpuUsage();
      await writer.write(rows);
      const cpu = process.cpuUsage(cpuAtStart);
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
      const result = { perSecond: rows.count / seconds, cpuPerMillion: (cpu.user + cpu.system) / rows.count };
      if (round > 0) results[index]!.push(result);
    }
  }
  await Promise.all(writers.map((writer) => writer.close()));
  return results.map(middle);
}

async function measureReading(
  contenders: readonly Contender[],
  topic: string,
  expected: Tally,
): Promise<Result[]> {
  const results: Result[][] = contenders.map(() => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, contender] of contenders.entries()) {
      const { tally, timed, seconds, cpuSeconds } = await contender.read(topic, expected.records);
      check(`${contender.name} read`, tally, expected);
      if (round === 0) continue;
      results[index]!.push({ perSecond: timed / seconds, cpuPerMillion: (cpuSeconds / timed) * 1e6 });
    }
  }
  return results.map(middle);
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
