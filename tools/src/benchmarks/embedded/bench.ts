/**
 * The embedded broker beside Apache Kafka, and how soon it is there.
 * `npm run bench -- embedded [HOST:PORT of Apache Kafka]`; by default MILLRACE_TEST_KAFKA_BROKERS.
 */
import { startKafka } from '@millrace/embedded';
import { Kafka, logLevel } from 'kafkajs';
import { atLeast, atMost, median, type Aim, type Bench } from '../bench.ts';
import { startDurableBroker } from './durable-broker.ts';
import { measure, type Speeds } from './throughput.ts';

const STARTS = 15;
const ROUNDS = 3;
const COUNTS = { kafkajs: 200_000, raw: 1_800_000 };
const KINDS: readonly (keyof Speeds)[] = ['kafkajsWrite', 'kafkajsRead', 'rawWrite', 'rawRead'];

async function run(args: readonly string[]): Promise<Aim[]> {
  const apache = args[0] ?? process.env['MILLRACE_TEST_KAFKA_BROKERS']?.split(',')[0];
  const startMs = await medianStart();
  console.log(
    `start to first round trip (kafkajs, list of topics): ${startMs.toFixed(1)} ms, median of ${STARTS}\n`,
  );
  const aims = [atMost('start to first round trip', 100, startMs, 'ms')];
  const embedded = await startDurableBroker();
  try {
    const brokers = [embedded.broker, ...(apache === undefined ? [] : [apache])];
    const rounds = await alternating(brokers);
    const [ours, theirs] = rounds.map(middle);
    print(ours!, theirs);
    if (theirs === undefined) {
      console.log('Apache Kafka was not measured: give its address, or MILLRACE_TEST_KAFKA_BROKERS.');
    } else {
      aims.push(
        atLeast('kafkajs writing, times Apache Kafka', 1, ours!.kafkajsWrite / theirs.kafkajsWrite, '×'),
        atLeast('kafkajs reading, times Apache Kafka', 1, ours!.kafkajsRead / theirs.kafkajsRead, '×'),
      );
    }
    aims.push(atLeast('raw writing', 3, ours!.rawWrite / 1e6, 'million records/s'));
  } finally {
    await embedded.stop();
  }
  return aims;
}

async function medianStart(): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const startedAt = performance.now();
    const kafka = await startKafka();
    const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    if ((await admin.listTopics()).length !== 0) throw new Error('a new broker has topics');
    times.push(performance.now() - startedAt);
    await admin.disconnect();
    await kafka.stop();
  }
  return median(times);
}

/** Brokers take turns, so that what else the machine does hits all of them; the first turn of each is not counted. */
async function alternating(brokers: readonly string[]): Promise<Speeds[][]> {
  const results: Speeds[][] = brokers.map(() => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, broker] of brokers.entries()) {
      const speeds = await measure(broker, COUNTS);
      if (round > 0) results[index]!.push(speeds);
    }
  }
  return results;
}

function middle(rounds: readonly Speeds[]): Speeds {
  const of = (kind: keyof Speeds) => median(rounds.map((speeds) => speeds[kind]));
  return {
    kafkajsWrite: of('kafkajsWrite'),
    kafkajsRead: of('kafkajsRead'),
    rawWrite: of('rawWrite'),
    rawRead: of('rawRead'),
  };
}

function print(ours: Speeds, theirs: Speeds | undefined): void {
  console.log('100-byte records/s, median        embedded   Apache Kafka   ratio');
  for (const kind of KINDS) {
    const other = theirs?.[kind];
    const ratio = other === undefined ? '' : (ours[kind] / other).toFixed(2);
    const columns = [
      rounded(ours[kind]).padStart(16),
      (other ? rounded(other) : '–').padStart(14),
      ratio.padStart(7),
    ];
    console.log(`${kind.padEnd(24)}  ${columns.join(' ')}`);
  }
}

function rounded(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en');
}

export const bench: Bench = {
  name: 'embedded',
  summary: 'the embedded broker beside Apache Kafka: start, writing and reading',
  run,
};
