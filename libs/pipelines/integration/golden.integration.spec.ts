import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pipelines } from '../src/index.ts';
import { GoldenCluster } from './harness/golden-cluster.ts';
import type { Platform } from './harness/golden-cluster.ts';
import { GoldenPipeline, prefixOf } from './harness/golden-pipeline.ts';
import { brokerKilled, killed, repliesLost, rescaled, zombies } from './trials/faults.ts';
import type { Fault } from './trials/faults.ts';
import { bad, instances, late, shuffledArrival, silent } from './trials/inputs.ts';
import type { InputTrial } from './trials/inputs.ts';
import { onDisk } from './trials/on-disk.ts';

const embedded: Platform = { kafkaLibs: undefined };
const kafkaLibs = process.env['MILLRACE_TEST_KAFKA_LIBS'];
const brokers = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
/** On a slow machine. */
const limitMs = 600_000;

const names = pipelines.map(({ name }) => name);

/** What came out otherwise than a batch computation gives it, by pipeline. */
type Outcomes = ReadonlyMap<string, Promise<string[]>>;
type Trial = (place: {
  readonly cluster: GoldenCluster;
  readonly trial: string;
}) => Outcomes | Promise<Outcomes>;

/** All pipelines at once, each on its own. */
const each =
  (run: InputTrial): Trial =>
  (place) =>
    outcomesOf((pipeline) => run({ ...place, pipeline }));

/** All pipelines at once, under load, meeting one fault together. */
const together =
  (fault: Fault): Trial =>
  async (place) => {
    const all = await Promise.all(names.map((pipeline) => GoldenPipeline.create({ ...place, pipeline })));
    const faulty = fault(all, place.cluster);
    return outcomesOf(async (pipeline) => {
      const one = all[names.indexOf(pipeline)]!;
      try {
        await faulty;
        await one.load(Infinity);
        await one.close();
        return await one.outcome();
      } finally {
        await one.stop();
      }
    });
  };

function outcomesOf(run: (pipeline: string) => Promise<string[]>): Outcomes {
  return new Map(
    names.map((pipeline) => {
      const outcome = run(pipeline);
      // It is looked at by the pipeline's own test.
      outcome.catch(() => undefined);
      return [pipeline, outcome];
    }),
  );
}

interface NamedTrial {
  /** In the names of topics. */
  readonly trial: string;
  readonly title: string;
  readonly run: Trial;
}

const trials: NamedTrial[] = [
  {
    trial: 'whole',
    title: 'whole, with one, two and five instances, and with two threads',
    run: each(instances),
  },
  {
    trial: 'killed',
    title: 'killed and back with one thread and with two, beside another instance (trial 1)',
    run: together(killed),
  },
  {
    trial: 'zombie',
    title: 'frozen past its session, then awake as a zombie (trial 2)',
    run: together(zombies),
  },
  {
    trial: 'rescaled',
    title: 'from one instance to three and back, twice (trial 6)',
    run: together(rescaled),
  },
  { trial: 'silent', title: 'a silent partition (trial 13)', run: each(silent) },
  { trial: 'shuffled', title: 'arrival shuffled within its bounds (trial 14)', run: each(shuffledArrival) },
  { trial: 'late', title: 'events later than grace (trial 15)', run: each(late) },
  { trial: 'disk', title: 'state larger than its memory, and a restart in the middle', run: each(onDisk) },
  { trial: 'bad', title: 'bad records between the events (trial 18)', run: each(bad) },
];
const trialsOfBroker: NamedTrial[] = [
  { trial: 'broker', title: 'the broker killed in mid-transaction (trial 4)', run: together(brokerKilled) },
  { trial: 'replies', title: 'replies to EndTxn lost (trial 5)', run: together(repliesLost) },
];

const suites: [string, Platform, NamedTrial[]][] = [
  ['the embedded broker', embedded, [...trials, ...trialsOfBroker]],
];
if (brokers !== undefined) suites.push(['Apache Kafka', { brokers }, trials]);
// What many pipelines leave there makes a small broker slow to come back: these have one to themselves.
if (kafkaLibs !== undefined) suites.push(['Apache Kafka of its own', { kafkaLibs }, trialsOfBroker]);

describe.each(suites)('golden output on %s', (_name, platform, some) => {
  let cluster: GoldenCluster;
  beforeAll(async () => {
    cluster = await GoldenCluster.start(platform);
  });
  afterAll(() => cluster.stop());

  describe.each(some)('$title', ({ trial, run }) => {
    let outcomes: Outcomes;
    beforeAll(async () => {
      outcomes = await run({ cluster, trial });
    });

    it.each(names)(
      '%s gives what a batch computation gives',
      async (pipeline) => {
        expect(await outcomes.get(pipeline)).toEqual([]);
        await cluster.removeTopics(prefixOf({ cluster, trial, pipeline }));
      },
      limitMs,
    );
  });
});
