import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tumbling } from '@millrace/windowing';
import { startPipeline } from '../src/index.ts';
import type { PipelineDefinition, StartOptions } from '../src/index.ts';
import { click, clicksPipeline, jsonSerdes } from './harness/clicks.ts';
import { TestCluster, until } from './harness/cluster.ts';

describe('a start that cannot go well', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
  });
  afterAll(() => cluster.stop());
  const start = (definition: PipelineDefinition, options: Partial<StartOptions> = {}) =>
    startPipeline(definition, { brokers: cluster.brokers, serdes: jsonSerdes, ...options });

  /** A pipeline that has state and offsets. */
  async function used(name: string) {
    const definition = clicksPipeline(name);
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    await cluster.send(
      topic,
      Array.from({ length: 100 }, (_, n) => click(n)),
    );
    const pipeline = await start(definition);
    await until(() => pipeline.counters.records === 100 && pipeline.isSettled);
    await pipeline.stop();
    return { definition, topic };
  }

  it('is refused when a source topic is missing, or waits for it when told to', async () => {
    const definition = clicksPipeline('missing');
    await expect(start(definition)).rejects.toMatchObject({
      code: 'STREAMS_MISSING_TOPIC',
      message: expect.stringContaining('topic "missing-clicks"'),
    });
    const events: string[] = [];
    const waiting = start(definition, {
      whenTopicMissing: 'wait',
      onEvent: ({ event }) => events.push(event),
    });
    await until(() => events.includes('waiting'));
    await cluster.createTopic('missing-clicks');
    const pipeline = await waiting;
    await until(() => pipeline.tasks.length === 8);
    await pipeline.stop();
  });

  it('is refused when state was made by another definition, which it names', async () => {
    const { definition } = await used('changed');
    const views = {
      ...definition.views,
      per_page: { ...definition.views.per_page, window: tumbling({ sizeMs: 2_000 }) },
    };
    await expect(start({ ...definition, views })).rejects.toMatchObject({
      code: 'STREAMS_CHANGED_DEFINITION',
      message: expect.stringMatching(/another definition of "per_page"; reset pipeline "changed"/),
    });
    // What does not change the meaning of the state is fine.
    const emit = {
      ...definition.views,
      per_page: { ...definition.views.per_page, emit: 'onUpdate' as const },
    };
    await (await start({ ...definition, views: emit })).stop();
  });

  it('is refused when the partition count has changed', async () => {
    const { definition, topic } = await used('repartitioned');
    await cluster.addPartitions(topic, 6);
    await expect(start(definition)).rejects.toMatchObject({
      code: 'STREAMS_PARTITION_COUNT',
      message: expect.stringMatching(/had 4 partitions .* and has 6 now/),
    });
  });

  it('ends when another process takes over its instance id', async () => {
    const { definition } = await used('twins');
    const first = await start(definition, { instanceId: 'a' });
    await until(() => first.tasks.length === 8);
    const second = await start(definition, { instanceId: 'a' });
    await expect(first.finished).rejects.toBeDefined();
    expect(first.state).toBe('failed');
    await until(() => second.tasks.length === 8 && second.tasks.every(({ state }) => state === 'running'));
    await second.stop();
  });

  it('waits for a broker that is away, and stops waiting when told to', async () => {
    const events: string[] = [];
    const stop = new AbortController();
    const waiting = startPipeline(clicksPipeline('away'), {
      brokers: ['127.0.0.1:1'],
      serdes: jsonSerdes,
      signal: stop.signal,
      onEvent: ({ event }) => events.push(event),
    });
    waiting.catch(() => undefined);
    await until(() => events.includes('waiting'));
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'STREAMS_STOPPED' });
  });
});
