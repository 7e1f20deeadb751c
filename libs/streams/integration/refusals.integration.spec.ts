import { expect, it } from '@jest/globals';
import { tumbling } from '@millrace/windowing';
import { resetPipeline, startPipeline, topicNames } from '../src/index.ts';
import type { PipelineDefinition, StartOptions } from '../src/index.ts';
import { click, clicksPipeline, jsonSerdes, lastClicks } from './harness/clicks.ts';
import { expectAllCounted, until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';
import { joinedRows, lastOrders, orderEvents, ordersPipeline } from './harness/orders.ts';

describeOnBrokers('a start that cannot go well', ({ cluster }) => {
  const start = (definition: PipelineDefinition, options: Partial<StartOptions> = {}) =>
    startPipeline(definition, { brokers: cluster.brokers, serdes: jsonSerdes, ...options });

  /** A pipeline that has state and offsets. */
  async function used(name: string) {
    const definition = clicksPipeline(cluster.unique(name));
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
    const definition = clicksPipeline(cluster.unique('missing'));
    await expect(start(definition)).rejects.toMatchObject({
      code: 'STREAMS_MISSING_TOPIC',
      message: expect.stringContaining(`topic "${definition.sources.clicks.topic}"`),
    });
    const events: string[] = [];
    const waiting = start(definition, {
      whenTopicMissing: 'wait',
      onEvent: ({ event }) => events.push(event),
    });
    await until(() => events.includes('waiting'));
    await cluster.createTopic(definition.sources.clicks.topic);
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
      message: expect.stringMatching(/another definition of "per_page"; reset pipeline "changed-/),
    });
    // What does not change the meaning of the state is fine.
    const emit = {
      ...definition.views,
      per_page: { ...definition.views.per_page, emit: 'onUpdate' as const },
    };
    await (await start({ ...definition, views: emit })).stop();
  });

  it('is refused when state was made by another definition of a join, until a reset has read everything again', async () => {
    const definition = ordersPipeline(cluster.unique('rejoined'));
    const events = Array.from({ length: 300 }, (_, n) => orderEvents(n)).flat();
    for (const source of ['orders', 'payments'] as const) {
      const { topic } = definition.sources[source];
      await cluster.createTopic(topic);
      await cluster.sendRaw(
        topic,
        [...events, ...lastOrders(300)]
          .filter((event) => event.source === source)
          .sort((a, b) => a.row.time - b.row.time)
          .map(({ partition, row }) => ({ partition, key: row.user, value: JSON.stringify(row) })),
      );
    }
    const runOnce = async (some: PipelineDefinition) => {
      const pipeline = await start(some);
      await until(() => pipeline.tasks.length === 12);
      await until(async () => (await cluster.lag(some)) === 0 && pipeline.isSettled);
      await pipeline.stop();
    };
    await runOnce(definition);
    const paid = { ...definition.joins.paid, type: 'inner' as const };
    const changed = { ...definition, joins: { paid } } as PipelineDefinition;
    await expect(start(changed)).rejects.toMatchObject({
      code: 'STREAMS_CHANGED_DEFINITION',
      message: expect.stringMatching(/another definition of "paid".*; reset pipeline "rejoined-/),
    });
    const { positions } = await resetPipeline(changed, { brokers: cluster.brokers, to: 'earliest' });
    const sources = new Set(
      positions.filter(({ from, to }) => from > 0 && to === 0).map(({ topic }) => topic),
    );
    expect([...sources].sort()).toEqual([definition.sources.orders.topic, definition.sources.payments.topic]);
    await runOnce(changed);
    // The left join's rows, which had been handed out before, and the inner join's once more.
    const expected = joinedRows(events);
    const inner = expected.filter(({ payment }) => payment !== null);
    const found = await cluster.read(topicNames.results(definition.name, 'pairs'));
    expect(found).toHaveLength(expected.length + inner.length);
  });

  it('is refused when the partition count has changed, until a reset has made its topics anew', async () => {
    const { definition, topic } = await used('repartitioned');
    await cluster.addPartitions(topic, 6);
    await expect(start(definition)).rejects.toMatchObject({
      code: 'STREAMS_PARTITION_COUNT',
      message: expect.stringMatching(
        /had 4 partitions .* and has 6 now.*reset … --to-earliest --recreate-topics/,
      ),
    });
    const reset = { brokers: cluster.brokers, to: 'earliest' } as const;
    await expect(resetPipeline(definition, reset)).rejects.toMatchObject({
      code: 'STREAMS_PARTITION_COUNT',
      message: expect.stringContaining('--recreate-topics'),
    });
    const { recreated } = await resetPipeline(definition, { ...reset, recreateTopics: true });
    expect([...recreated].sort()).toEqual(
      ['clicks.changelog', 'per_page', 'per_page.changelog', 'per_page.repartition', 'per_user'].map(
        (name) => `${definition.name}.${name}`,
      ),
    );
    const clicks = Array.from({ length: 1_000 }, (_, n) => click(n));
    await cluster.send(topic, [...clicks.slice(100), ...lastClicks(1_000)]);
    // The new partitions are silent.
    const pipeline = await start(definition, { idleAfterMs: 500 });
    await until(() => pipeline.tasks.length === 12);
    await until(() => (pipeline.watermarks()['per_page'] ?? 0) > click(1_000).time);
    await expectAllCounted(cluster, definition, clicks);
    await pipeline.stop();
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
