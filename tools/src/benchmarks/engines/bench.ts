import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka, startRegistry } from '@millrace/embedded';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { atLeast, atMost, median } from '../bench.ts';
import type { Aim, Bench } from '../bench.ts';
import { BatchCount } from './check-results.ts';
import { allClicks, clicksToCount, partitionCount } from './clicks.ts';
import { closeWindowsWhenRead } from './close-windows.ts';
import type { Job } from './clicks.ts';
import type { Engine, JobRun } from './engine.ts';
import { fillTopic } from './fill-topic.ts';
import { flink } from './flink/flink.ts';
import { kafkaStreams } from './kafka-streams/kafka-streams.ts';
import { measure } from './measure.ts';
import { millrace, millraceOnTwo } from './millrace.ts';
import { spark } from './spark/spark.ts';
import { deleteTopics, endOffset } from './topics.ts';

const engines: readonly Engine[] = [millrace, millraceOnTwo, flink, kafkaStreams, spark];
const jobs: readonly Job[] = ['wide', 'narrow'];
const users = 10_000;
type Other = 'flink' | 'kafka-streams' | 'spark';
/** How many times as fast as each other engine ours is to be. */
const factors: Record<Job, Record<Other, number>> = {
  wide: { flink: 5, 'kafka-streams': 9, spark: 12 },
  narrow: { flink: 2.5, 'kafka-streams': 6, spark: 10 },
};
/** Of Flink's CPU time per event, ours is to need this share at most. */
const cpuShare = 1 / 6;

const usage = `usage: npm run bench -- engines [--events N] [--only ENGINE,...] [--job wide|narrow] [--rounds N]

Counts clicks per minute and user (wide) or page (narrow, with a repartition) with each engine in turn, on the cluster that
MILLRACE_TEST_KAFKA_BROKERS names (without it ours alone, on the embedded broker), and compares every result with the batch
count. Java, Maven and the engines' jars are needed; the jars are fetched once.

  --events N   default 2,000,000
  --only LIST  some of ${engines.map(({ id }) => id).join(', ')}
  --job NAME   one job alone
  --rounds N   so often each engine has its turn, of which the median counts; default 3 (a quarter of an hour in all)

An engine whose results are wrong is printed as refused, and the exit code is 1. Kafka Streams' repartition carries no watermarks:
on the narrow job it gets the clicks that close the last windows when it has read all others, else it would drop those as late.

Time runs from the first record that an engine takes up (of ours: from its first task being ready to) until its last result is committed; starting a process, a JVM, a
session, a group does not count. CPU time is that of the engine's process in the same span. A run that does not count warms the
broker up before each job. Of our two settings the faster one is held against the aims, with its own CPU time.`;

interface Figures {
  readonly perSecond: number;
  readonly cpuPerMillion: number;
  readonly peakMb: number;
}

export const bench: Bench = {
  name: 'engines',
  summary:
    'counts per user (wide) and per page (narrow, with a repartition) and minute, beside other engines',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        events: { type: 'string', default: '2000000' },
        only: { type: 'string' },
        job: { type: 'string' },
        rounds: { type: 'string', default: '3' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) {
      console.log(usage);
      return [];
    }
    const events = Number(values.events);
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new RangeError(`--rounds ${values.rounds} is no whole number of at least 1`);
    const real = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
    const kafka = real === undefined ? await startKafka() : undefined;
    const brokers = real?.split(',') ?? kafka!.brokers;
    const only = values.only?.split(',') ?? (real === undefined ? ['millrace', 'millrace-2'] : undefined);
    const name = `engines-${Date.now().toString(36)}`;
    const registry = await startRegistry({ kafka: { brokers }, topic: `${name}-schemas` });
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const place = { brokers, registryUrl: registry.url, topic: `${name}-clicks` };
    const where = real === undefined ? 'the embedded broker, in this process' : `Apache Kafka at ${real}`;
    console.log(
      `${events.toLocaleString('en')} clicks of ${users.toLocaleString('en')} users in ${partitionCount} partitions on ${where}\n`,
    );
    const aims: Aim[] = [];
    const refused: string[] = [];
    try {
      await fillTopic(place, place.topic, {
        partitions: partitionCount,
        clicks: allClicks(events, users),
      });
      for (const job of jobs.filter((each) => values.job === undefined || each === values.job)) {
        const expected = new BatchCount(job, { events, users });
        console.log(`${job}: ${expected.results.toLocaleString('en')} results`);
        const got = new Map<Engine['id'], Figures[]>();
        const chosen = engines.filter(({ id }) => only?.includes(id) ?? true);
        // Who comes first would also pay for what the broker has not compiled and cached.
        const warmUp = { ...place, name: `${name}-${job}-warm-up`, job, events };
        await runEngine(chosen[0]!, warmUp, { admin, expected }).catch(() => undefined);
        for (let round = 0; round < rounds; round++)
          for (const engine of chosen) {
            const run = { ...place, name: `${name}-${job}-${round}-${engine.id}`, job, events };
            if (job === 'narrow' && engine.losesWhatIsOvertaken === true) {
              run.topic = `${name}-${round}-open-clicks`;
              const clicks = clicksToCount(events, users);
              await fillTopic(place, run.topic, { partitions: partitionCount, clicks });
            }
            try {
              const figures = await runEngine(engine, run, { admin, expected });
              got.set(engine.id, [...(got.get(engine.id) ?? []), figures]);
              print(engine, figures);
            } catch (error) {
              refused.push(`${job} with ${engine.title}`);
              console.log(`  ${engine.title.padEnd(18)}   refused: ${(error as Error).message}`);
            }
          }
        const medians = new Map([...got].map(([id, figures]) => [id, medianOf(figures)]));
        if (rounds > 1) {
          console.log(`  medians of ${rounds} rounds`);
          for (const engine of chosen) {
            const figures = medians.get(engine.id);
            if (figures !== undefined) print(engine, figures);
          }
        }
        aims.push(...compare(job, medians));
      }
    } finally {
      await registry.stop();
      await deleteTopics(admin, name);
      await admin.disconnect();
      await kafka?.stop();
    }
    if (refused.length > 0) {
      console.log(`\nno figures, or wrong results: ${refused.join(', ')}`);
      process.exitCode = 1;
    }
    return aims;
  },
};

/** One job of one engine: measured, its results compared, its topics deleted. */
async function runEngine(
  engine: Engine,
  { events, ...place }: Omit<JobRun, 'folder' | 'resultsTopic'> & { readonly events: number },
  { admin, expected }: { readonly admin: Admin; readonly expected: BatchCount },
): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-engine-'));
  const resultsTopic = engine.resultsTopic(place.name);
  const run = { ...place, folder, resultsTopic };
  try {
    if (!engine.makesTopic)
      await admin.createTopics({
        topics: [{ topic: resultsTopic, numPartitions: partitionCount }],
        waitForLeaders: false,
      });
    const ended = new AbortController();
    const { signal } = ended;
    const [measured] = await Promise.all([
      measure(await engine.command(run), {
        endOffset: () => endOffset(admin, resultsTopic),
        isComplete: async () => (await expected.missing(resultsTopic, run.brokers, engine.reader(run))) === 0,
        expected: expected.results,
      }).finally(() => ended.abort()),
      run.job === 'narrow' && engine.losesWhatIsOvertaken === true
        ? closeWindowsWhenRead({ ...run, events, groupId: run.name, admin, signal })
        : undefined,
    ]);
    return {
      perSecond: events / (measured.elapsedMs / 1_000),
      cpuPerMillion: measured.cpuMs / 1_000 / (events / 1e6),
      peakMb: measured.peakMb,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await deleteTopics(admin, place.name);
  }
}

function print({ title, settings }: Engine, { perSecond, cpuPerMillion, peakMb }: Figures): void {
  console.log(
    `  ${title.padEnd(18)}${Math.round(perSecond).toLocaleString('en').padStart(10)} events/s ${cpuPerMillion.toFixed(2).padStart(7)} CPU s per million ${peakMb.toFixed(0).padStart(6)} MB at most   ${settings}`,
  );
}

/** Of each figure by itself. */
function medianOf(figures: readonly Figures[]): Figures {
  return {
    perSecond: median(figures.map((one) => one.perSecond)),
    cpuPerMillion: median(figures.map((one) => one.cpuPerMillion)),
    peakMb: Math.max(...figures.map((one) => one.peakMb)),
  };
}

/** Of ours, the setting counts that is faster, with its own CPU time. */
function compare(job: Job, got: ReadonlyMap<Engine['id'], Figures>): Aim[] {
  const [ours] = [got.get('millrace'), got.get('millrace-2')]
    .filter((figures) => figures !== undefined)
    .sort((a, b) => b.perSecond - a.perSecond);
  const aims: Aim[] = [];
  if (ours === undefined) return aims;
  for (const { id, title } of engines) {
    if (id === 'millrace' || id === 'millrace-2') continue;
    const other = got.get(id);
    if (other === undefined) continue;
    const factor = ours.perSecond / other.perSecond;
    aims.push(atLeast(`${job}: times as fast as ${title}`, factors[job][id], factor, '×'));
    if (id === 'flink')
      aims.push(
        atMost(
          `${job}: CPU per event, as a share of ${title}'s`,
          cpuShare,
          ours.cpuPerMillion / other.cpuPerMillion,
          '×',
        ),
      );
  }
  return aims;
}
