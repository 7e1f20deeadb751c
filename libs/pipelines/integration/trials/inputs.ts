import { isWindowed, topicNames } from '@millrace/streams';
import type { PipelineDefinition } from '@millrace/streams';
import { shuffled } from '../../testing/shuffled.ts';
import type { RawRecord } from '../harness/golden-cluster.ts';
import { GoldenPipeline, partitionCount } from '../harness/golden-pipeline.ts';
import type { Case } from '../harness/golden-pipeline.ts';
import { until } from '../harness/until.ts';
import { askedTwice, badRecords, firstIdOf, unlikeDead } from './bad-records.ts';

/** Runs a pipeline on an input of some kind; what came out otherwise than it must. */
export type InputTrial = (one: Case) => Promise<string[]>;

const idleAfterMs = 1_000;
const lateEvents = 5;
/** One pipeline gets the number that the trial asks for. */
const pipelineOfMany = 'web-logs';
const manyRecords = 100_000;
const fewRecords = 2_000;

/** Whole: the same topics read by one, two and five instances, and by two threads of one, as four applications. */
export const instances: InputTrial = async (one) => {
  const pipeline = await GoldenPipeline.create(one);
  await pipeline.send(pipeline.events);
  await pipeline.close();
  const ways = [...[1, 2, 5].map((count) => ({ count, workers: 1 })), { count: 1, workers: 2 }];
  const unlike = await Promise.all(
    ways.map(async ({ count, workers }) => {
      const mine = pipeline.as(`${pipeline.definition.name}-${count}x${workers}`);
      await Promise.all(Array.from({ length: count }, () => mine.start({ workers })));
      return (await mine.outcome()).map((text) => `${count} instances of ${workers} workers: ${text}`);
    }),
  );
  await pipeline.stop();
  return unlike.flat();
};

/** Trial 13: one partition of each source never has an event. */
export const silent: InputTrial = async (one) => {
  const pipeline = await GoldenPipeline.create({ ...one, idleAfterMs, partitions: partitionCount + 1 });
  await pipeline.send(pipeline.events);
  await pipeline.close();
  await pipeline.start();
  return pipeline.outcome();
};

/** Trial 14: events arrive in any order that their source's bound allows. */
export const shuffledArrival: InputTrial = async (one) => {
  const pipeline = await GoldenPipeline.create(one);
  await pipeline.start();
  const seed = Date.now() % 1_000_000;
  await pipeline.send(shuffled(pipeline.definition, pipeline.events, seed));
  await pipeline.close();
  return (await pipeline.outcome()).map((text) => `seed ${seed}: ${text}`);
};

/** Trial 15: events come after their windows have closed for good. */
export const late: InputTrial = async (one) => {
  const pipeline = await GoldenPipeline.create(one);
  const running = await pipeline.start();
  await pipeline.send(pipeline.events);
  await pipeline.close();
  const results = await pipeline.results();
  const aside = await one.cluster.followRaw(topicNames.late(pipeline.definition.name));
  try {
    const unlike = await results.differences();
    if (unlike.length > 0) return unlike;
    const after = Object.keys(pipeline.definition.sources).flatMap((source) =>
      pipeline.events.filter((event) => event.source === source).slice(0, lateEvents),
    );
    const expected = expectedLate(pipeline.definition);
    await pipeline.send(after);
    const missing = () =>
      expected.filter(
        (text) => aside.records.filter((record) => lateText(record) === text).length < lateEvents,
      );
    await until(() => missing().length === 0 && running.isSettled).catch(() => undefined);
    const found = await results.differences(after);
    await pipeline.stop();
    const withoutReason = aside.records.filter(({ headers }) => !(Number(headers['latenessMs']) > 0));
    return [
      ...found,
      ...missing().map((text) => `not all of ${lateEvents} late events of ${text} are in the late output`),
      ...withoutReason.map(
        ({ headers }) => `a late record does not say by how much: ${JSON.stringify(headers)}`,
      ),
    ];
  } finally {
    await pipeline.stop();
    await Promise.all([results.stop(), aside.stop()]);
  }
};

const lateText = ({ headers }: RawRecord) => `${headers['topic']} for ${headers['view']}`;

/** The views that every late event of their source must be missed by. */
function expectedLate({ views, sources }: PipelineDefinition): string[] {
  return Object.entries(views).flatMap(([name, view]) => {
    const source = sources[view.from];
    if (source === undefined || !isWindowed(view) || view.where !== undefined) return [];
    return [`${source.topic} for ${name}`];
  });
}

/** Trial 18: records that are not Avro of a known schema lie between the events, in the first source's topic. */
export const bad: InputTrial = async (one) => {
  const pipeline = await GoldenPipeline.create(one);
  await pipeline.start();
  // Ids of its own: the pipelines share a client of the registry.
  const firstId = firstIdOf(one.pipeline);
  const half = Math.floor(pipeline.events.length / 2);
  await pipeline.send(pipeline.events.slice(0, half));
  const askedBefore = one.cluster.registryProxy.asked.length;
  const records = badRecords(one.pipeline === pipelineOfMany ? manyRecords : fewRecords, firstId);
  const [source] = Object.values(pipeline.definition.sources);
  await one.cluster.sendRaw(source!.topic, records);
  await pipeline.send(pipeline.events.slice(half));
  await pipeline.close();
  const aside = await one.cluster.followRaw(topicNames.deadLetter(pipeline.definition.name));
  try {
    const found = await pipeline.outcome();
    await until(() => aside.records.length >= records.length).catch(() => undefined);
    const asked = one.cluster.registryProxy.asked.slice(askedBefore);
    return [...found, ...unlikeDead(aside.records, records), ...askedTwice(asked, firstId)];
  } finally {
    await aside.stop();
  }
};
