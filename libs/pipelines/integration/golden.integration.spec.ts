import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isWindowed, startPipeline } from '@millrace/streams';
import type { PipelineDefinition, Row, RunningPipeline } from '@millrace/streams';
import type { GoldenEvent } from '../src/golden-event.ts';
import { pipelines } from '../src/index.ts';
import { differences } from '../testing/differences.ts';
import { finalRows } from '../testing/final-rows.ts';
import { lastTimeMs } from '../testing/golden-time.ts';
import { closingTime, GoldenCluster } from './harness/golden-cluster.ts';
import { startInstance } from './harness/instance.ts';
import { renamed, runtimeOptions } from './harness/run.ts';

const real = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const platforms: [string, string | undefined][] = [['the embedded broker', undefined]];
if (real !== undefined) platforms.push(['Apache Kafka', real]);

/** For this long a result that was handed out again, or too many, has time to show. */
const afterwardsMs = 1_000;
const giveUpMs = 60_000;
/** The load under which instances are killed: this many portions, one every `portionMs`. */
const portions = 60;
const portionMs = 100;
/** A partition may stay without an event for most of the load. */
const idleUnderLoadMs = 15_000;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function timeColumn({ views }: PipelineDefinition, name: string): string | undefined {
  const view = views[name]!;
  return isWindowed(view) ? 'windowStart' : view.time;
}

type Batch = (events: readonly GoldenEvent[]) => Record<string, readonly Row[]>;

describe.each(platforms)('golden output on %s', (_platform, brokers) => {
  const run = `g${Date.now().toString(36)}${brokers === undefined ? 'e' : 'k'}`;
  let cluster: GoldenCluster;
  beforeAll(async () => {
    cluster = await GoldenCluster.start(brokers, run);
  });
  afterAll(() => cluster.stop());

  const clockAheadMs = (definition: PipelineDefinition, events: readonly GoldenEvent[]) =>
    Math.max(0, closingTime(definition, events) - Date.now());

  async function golden({ name }: PipelineDefinition) {
    const { input } = (await import(`../src/${name}/golden/input.ts`)) as { input: () => GoldenEvent[] };
    const { batch } = (await import(`../src/${name}/golden/batch.ts`)) as { batch: Batch };
    return { events: input(), batch };
  }

  const start = (definition: PipelineDefinition, aheadMs: number, instanceId?: string) =>
    startPipeline(definition, {
      brokers: cluster.brokers,
      serdes: cluster.serdes,
      now: () => Date.now() + aheadMs,
      ...(instanceId === undefined ? {} : { instanceId }),
      ...runtimeOptions,
    });

  /** Waits until the results topics have what the batch computation gives, and looks once more a little later. */
  async function expectResults(
    definition: PipelineDefinition,
    { expected, lastMs }: { expected: Record<string, readonly Row[]>; lastMs: number },
    running: readonly RunningPipeline[],
  ) {
    const { rows, stop } = await cluster.follow(definition);
    const unlike = () =>
      Object.keys(definition.views).flatMap((view) => {
        // The windows of the closing events stay open, and joins hold the events themselves.
        const time = timeColumn(definition, view);
        const inTime = (row: Row) => time === undefined || Number(row[time]) <= lastMs;
        return differences(definition, view, {
          found: finalRows(definition, view, rows[view]!).filter(inTime),
          expected: expected[view]!.filter(inTime),
        });
      });
    const endMs = Date.now() + giveUpMs;
    while (unlike().length > 0 && Date.now() < endMs) await sleep(250);
    await Promise.all(running.map((pipeline) => pipeline.stop()));
    await sleep(afterwardsMs);
    await stop();
    expect(unlike().slice(0, 10)).toEqual([]);
  }

  it.each(pipelines.map((definition) => [definition.name, definition] as const))(
    '%s: one, two and five instances give what a batch computation gives',
    async (name, definition) => {
      const { events, batch } = await golden(definition);
      const topics = `${run}-${name}`;
      const { send, close } = await cluster.sources(
        renamed(definition, { name, topics, idleAfterMs: 1_000 }),
      );
      await send(events);
      const closing = await close(closingTime(definition, events));
      const results = { expected: batch([...events, ...closing]), lastMs: lastTimeMs(definition, events) };
      await Promise.all(
        [1, 2, 5].map(async (instances) => {
          const mine = renamed(definition, { name: `${topics}-${instances}`, topics, idleAfterMs: 1_000 });
          const running = await Promise.all(
            Array.from({ length: instances }, () => start(mine, clockAheadMs(definition, events))),
          );
          await expectResults(mine, results, running);
        }),
      );
    },
  );

  it.each(pipelines.map((definition) => [definition.name, definition] as const))(
    '%s: an instance that is killed and comes back, beside another, gives what a batch computation gives',
    async (name, definition) => {
      const { events, batch } = await golden(definition);
      const topics = `${run}-${name}-killed`;
      const place = { name: topics, topics, idleAfterMs: idleUnderLoadMs };
      const mine = renamed(definition, place);
      const { send, close } = await cluster.sources(mine);
      const aheadMs = clockAheadMs(definition, events);
      const instance = () =>
        startInstance({
          ...place,
          pipeline: name,
          brokers: cluster.brokers,
          registryUrl: cluster.registryUrl,
          instanceId: 'killed',
          clockAheadMs: aheadMs,
        });
      let killed = instance();
      const other = await start(mine, aheadMs, 'other');
      const load = (async () => {
        const size = Math.ceil(events.length / portions);
        for (let from = 0; from < events.length; from += size) {
          await send(events.slice(from, from + size));
          await sleep(portionMs);
        }
      })();
      for (let kills = 0; kills < 2; kills++) {
        await killed.atWork;
        await sleep(200);
        await killed.kill();
        killed = instance();
      }
      await load;
      const closing = await close(closingTime(definition, events));
      try {
        await expectResults(
          mine,
          { expected: batch([...events, ...closing]), lastMs: lastTimeMs(definition, events) },
          [other],
        );
      } finally {
        await killed.kill();
      }
    },
  );
});
