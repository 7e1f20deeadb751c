import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PipelineDefinition } from '@millrace/streams';
import { pipelines } from '../src/index.ts';
import { GoldenCluster } from './harness/golden-cluster.ts';
import type { Platform } from './harness/golden-cluster.ts';
import { GoldenPipeline } from './harness/golden-pipeline.ts';
import { brokerKilled, killed, repliesLost, rescaled, zombies } from './trials/faults.ts';
import type { Fault } from './trials/faults.ts';
import { bad, instances, late, shuffledArrival, silent } from './trials/inputs.ts';
import type { InputTrial } from './trials/inputs.ts';

const embedded: Platform = { kafkaLibs: undefined };
const kafkaLibs = process.env['MILLRACE_TEST_KAFKA_LIBS'];
const brokers = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
/** On a slow machine. */
const limitMs = 240_000;

/** What came out otherwise than a batch computation gives it, by pipeline. */
type Outcomes = ReadonlyMap<string, Promise<string[]>>;
type Trial = (cluster: GoldenCluster) => Promise<Outcomes>;

/** All pipelines at once, each on its own. */
const each =
  (trial: InputTrial): Trial =>
  (cluster) =>
    Promise.resolve(outcomesOf(pipelines, (definition) => trial(cluster, definition)));

/** All pipelines at once, under load, meeting one fault together. */
const together =
  (name: string, fault: Fault): Trial =>
  async (cluster) => {
    const all = await Promise.all(
      pipelines.map((definition) => GoldenPipeline.create(cluster, definition, { name })),
    );
    const faulty = fault(all, cluster);
    return outcomesOf(pipelines, async (definition) => {
      const one = all[pipelines.indexOf(definition)]!;
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

function outcomesOf(
  all: readonly PipelineDefinition[],
  run: (definition: PipelineDefinition) => Promise<string[]>,
): Outcomes {
  return new Map(
    all.map((definition) => {
      const outcome = run(definition);
      // It is looked at by the pipeline's own test.
      outcome.catch(() => undefined);
      return [definition.name, outcome];
    }),
  );
}

const trials: [string, Trial][] = [
  ['whole, with one, two and five instances', each(instances)],
  ['killed and back, beside another instance (trial 1)', together('killed', killed)],
  ['frozen past its session, then awake as a zombie (trial 2)', together('zombie', zombies)],
  ['from one instance to three and back, twice (trial 6)', together('rescaled', rescaled)],
  ['a silent partition (trial 13)', each(silent)],
  ['arrival shuffled within its bounds (trial 14)', each(shuffledArrival)],
  ['events later than grace (trial 15)', each(late)],
  ['bad records between the events (trial 18)', each(bad)],
];
const trialsOfBroker: [string, Trial][] = [
  ['the broker killed in mid-transaction (trial 4)', together('broker', brokerKilled)],
  ['replies to EndTxn lost (trial 5)', together('replies', repliesLost)],
];

const suites: [string, Platform, [string, Trial][]][] = [
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

  describe.each(some)('%s', (_title, trial) => {
    let outcomes: Outcomes;
    beforeAll(async () => {
      outcomes = await trial(cluster);
    });

    it.each(pipelines.map(({ name }) => name))(
      '%s gives what a batch computation gives',
      async (name) => {
        expect(await outcomes.get(name)).toEqual([]);
      },
      limitMs,
    );
  });
});
