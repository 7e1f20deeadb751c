import { expect, it } from '@jest/globals';
import { topicNames, startPipeline } from '../src/index.ts';
import type { RunningPipeline, StartOptions } from '../src/index.ts';
import { click, clicksPipeline, jsonSerdes, lastClicks } from './harness/clicks.ts';
import { counted, expectedCounts, until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';

describeOnBrokers('exactly once', ({ cluster }) => {
  async function newPipeline(options?: Parameters<typeof clicksPipeline>[1]) {
    const definition = clicksPipeline(cluster.unique('eo'), options);
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    return { definition, topic };
  }
  const start = (definition: ReturnType<typeof clicksPipeline>, options: Partial<StartOptions> = {}) =>
    startPipeline(definition, {
      brokers: cluster.brokers,
      serdes: jsonSerdes,
      sessionTimeoutMs: 6_000,
      transactionTimeoutMs: 5_000,
      ...options,
    });
  const clicksOf = (count: number, from = 0) => Array.from({ length: count }, (_, at) => click(from + at));
  /** All tasks run, everything that was sent is counted, and for a while nothing has moved any more. */
  async function drained(pipelines: readonly RunningPipeline[], sent: number) {
    let since = Infinity;
    await until(() => {
      const all = pipelines.flatMap((pipeline) => pipeline.tasks);
      const counted = all
        .filter(({ stage }) => stage === 'clicks')
        .reduce((sum, { position }) => sum + position, 0);
      const isQuiet =
        all.length === 8 &&
        counted >= sent &&
        all.every(({ state, lag }) => state === 'running' && lag === 0) &&
        pipelines.every(({ isSettled }) => isSettled);
      if (!isQuiet) since = Infinity;
      else if (since === Infinity) since = performance.now();
      // Longer than a fetch waits: what was committed a moment ago has been seen by then.
      return performance.now() - since > 500;
    });
  }
  it('goes on after a stop where it was, with the state it had', async () => {
    const { definition, topic } = await newPipeline({ windowMs: 1_000_000 });
    const clicks = clicksOf(2_000);
    for (const [part, sent] of [
      [clicks.slice(0, 700), 700],
      [clicks.slice(700), 2_000],
    ] as const) {
      const pipeline = await start(definition);
      await cluster.send(topic, part);
      await drained([pipeline], sent);
      await pipeline.stop();
      expect(pipeline.state).toBe('stopped');
    }
    const pipeline = await start(definition);
    await until(
      () => pipeline.tasks.length === 8 && pipeline.tasks.every(({ state }) => state === 'running'),
    );
    const answer = await pipeline.query({ view: 'per_page', key: { page: '/p0' } });
    expect(answer.isComplete).toBe(true);
    expect(answer.rows.reduce((sum, row) => sum + Number(row['clicks']), 0)).toBe(200);
    await pipeline.stop();
  });

  it('closes windows although one partition is silent, once it has been so for idleAfterMs (trial 13)', async () => {
    const { definition, topic } = await newPipeline();
    const clicks = clicksOf(1_000).filter(({ partition }) => partition !== 3);
    await cluster.send(topic, [...clicks, ...lastClicks(1_000).filter(({ partition }) => partition !== 3)]);
    const pipeline = await start(definition, { idleAfterMs: 500 });
    await until(() => (pipeline.watermarks()['per_page'] ?? 0) > click(1_000).time);
    await pipeline.stop();
    expect(counted(await cluster.results(definition, 'per_page'))).toEqual(expectedCounts(clicks, 'page'));
  });

  it('puts what is late, keyless or unreadable beside, with the reason, and goes on (trials 15, 18)', async () => {
    const { definition, topic } = await newPipeline();
    const clicks = clicksOf(1_000).filter(({ partition }) => partition === 0);
    await cluster.send(topic, clicks);
    await cluster.send(topic, [{ ...clicks[0]!, page: '/late' }]);
    await cluster.send(topic, [{ ...clicks.at(-1)!, user: null }]);
    const garbage = Array.from({ length: 5_000 }, (_, n) => ({
      partition: 0,
      key: null,
      value: `\u0001${n}`,
    }));
    await cluster.sendRaw(topic, garbage);
    const pipeline = await start(definition);
    await drained([pipeline], 0);
    await pipeline.stop();
    const late = await cluster.read(topicNames.late(definition.name));
    expect(late.map(({ headers }) => headers['view']).sort()).toEqual(['per_page', 'per_user']);
    expect(late[0]!.headers).toMatchObject({ code: 'STREAMS_LATE', windowStart: '1700000000000', topic });
    expect(JSON.parse(late[0]!.value!.toString())).toMatchObject({ page: '/late' });
    const rejected = await cluster.read(topicNames.rejected(definition.name));
    expect(rejected.map(({ headers }) => [headers['code'], headers['view']])).toEqual([
      ['STREAMS_NULL_KEY', 'per_user'],
    ]);
    const dead = await cluster.read(topicNames.deadLetter(definition.name));
    expect(dead).toHaveLength(5_000);
    expect(dead[0]!.headers).toMatchObject({ code: 'TEST_NOT_JSON', topic, partition: '0' });
    expect(pipeline.counters).toMatchObject({ late: 2, rejected: 1, deadLetter: 5_000 });
  });
});
