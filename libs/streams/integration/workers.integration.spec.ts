import { expect, it } from '@jest/globals';
import { startPipeline } from '../src/index.ts';
import type { PipelineEvent, RunningPipeline, StartOptions } from '../src/index.ts';
import { startInstance } from './harness/instance.ts';
import { click, clicksPipeline, jsonSerdesModule, lastClicks } from './harness/clicks.ts';
import { counted, expectedCounts, until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';
import { startLoad } from './harness/load.ts';
import { deadlyPage } from './harness/mortal-serdes.ts';

/** How often the process is killed. */
const kills = 3;
/** For what must come, on however busy a machine. */
const giveUpMs = 90_000;
const timeouts = { sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 };
const clicksOf = (count: number) => Array.from({ length: count }, (_, at) => click(at));

describeOnBrokers('workers on threads', ({ cluster }) => {
  type Definition = ReturnType<typeof clicksPipeline>;
  async function newPipeline() {
    const definition = clicksPipeline(cluster.unique('wk'));
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    return { definition, topic };
  }
  const start = (definition: Definition, options: Partial<StartOptions>): Promise<RunningPipeline> =>
    startPipeline(definition, {
      ...{ brokers: cluster.brokers, serdes: jsonSerdesModule, ...timeouts },
      ...options,
    });
  async function expectAllCounted(definition: Definition, clicks: ReturnType<typeof clicksOf>) {
    const views = [
      ['per_user', 'user'],
      ['per_page', 'page'],
    ] as const;
    await Promise.all(
      views.map(async ([view, by]) => {
        const expected = expectedCounts(clicks, by);
        const all = async () => (await cluster.results(definition, view)).size >= expected.size;
        await until(all, giveUpMs);
        await until(async () => (await cluster.lag(definition)) === 0, giveUpMs);
        expect(counted(await cluster.results(definition, view))).toEqual(expected);
      }),
    );
  }
  const spreadOver = (pipeline: RunningPipeline, tasks: number) =>
    until(
      () => pipeline.tasks.length === tasks && pipeline.tasks.every(({ state }) => state === 'running'),
      giveUpMs,
    );

  it('gives the same results with one worker, two and four, and merges what they tell', async () => {
    const { definition, topic } = await newPipeline();
    const clicks = clicksOf(4_000);
    await cluster.send(topic, clicks);
    await cluster.send(topic, lastClicks(4_000));
    const runWith = async (workers: number) => {
      const mine = { ...definition, name: `${definition.name}-by-${workers}` };
      const events: PipelineEvent[] = [];
      const pipeline = await start(mine, { workers, onEvent: (event) => events.push(event) });
      let commits = 0;
      pipeline.observeCommits(() => commits++);
      // One that joins before the others has all tasks for a while, and may be done with the clicks before they have theirs.
      const assigned = () =>
        new Set(
          events.filter(({ event }) => event === 'assigned').map(({ worker }) => worker ?? 'the caller'),
        );
      await until(() => assigned().size === workers, giveUpMs);
      await spreadOver(pipeline, 8);
      await expectAllCounted(mine, clicks);
      const answer = await pipeline.query({ view: 'per_user' });
      expect([...answer.partitions].sort()).toEqual([0, 1, 2, 3]);
      expect(answer.rows.map(({ user }) => user).sort()).toEqual(['u0', 'u1', 'u2', 'u3']);
      await expect(pipeline.query({ view: 'nothing' })).rejects.toMatchObject({ code: 'STREAMS_QUERY' });
      await pipeline.stop();
      expect(pipeline.state).toBe('stopped');
      expect(pipeline.counters.records).toBe(4_004);
      expect(pipeline.counters.commits).toBe(commits);
      expect(pipeline.isSettled).toBe(true);
    };
    await Promise.all([1, 2, 4].map(runWith));
  });

  it('has its threads join together, so that no task moves at the start', async () => {
    const { definition } = await newPipeline();
    // Heartbeats are too rare here to tell one thread of another in time.
    const seldom = { heartbeatIntervalMs: giveUpMs, sessionTimeoutMs: 2 * giveUpMs };
    const events: PipelineEvent[] = [];
    const pipeline = await start(definition, {
      ...seldom,
      workers: 4,
      onEvent: (event) => events.push(event),
    });
    await spreadOver(pipeline, 8);
    const assigned = events.filter(({ event }) => event === 'assigned');
    expect(assigned.map(({ tasks }) => (tasks as string[]).length)).toEqual([2, 2, 2, 2]);
    expect(pipeline.counters.restores).toBe(8);
    // A broker may take a moment to find leaders for new topics: that is waited for before any thread joins.
    const warnings = events.filter(
      ({ level, event }) => level !== 'info' && level !== 'debug' && event !== 'waiting',
    );
    expect(warnings).toEqual([]);
    await pipeline.stop();
  });

  it('stops before its threads have joined', async () => {
    const { definition } = await newPipeline();
    const pipeline = await start(definition, { workers: 2 });
    await pipeline.stop();
    expect(pipeline.state).toBe('stopped');
  });

  it(`loses and repeats nothing when a process of two workers is killed ${kills} times`, async () => {
    const { definition, topic } = await newPipeline();
    const settings = { name: definition.name, brokers: cluster.brokers, ...timeouts };
    const load = startLoad(cluster, topic);
    for (let at = 0; at < kills; at++) {
      const instance = startInstance({ ...settings, instanceId: 'one', workers: 2 });
      await until(() => (instance.status.records ?? 0) > 0, giveUpMs);
      await instance.kill();
    }
    const clicks = await load.end();
    await cluster.send(topic, lastClicks(clicks.length));
    const last = await start(definition, { instanceId: 'one', workers: 2 });
    await expectAllCounted(definition, clicks);
    await last.stop();
  });

  it('fails as a whole when a thread dies, commits what the others counted, and loses nothing', async () => {
    const { definition, topic } = await newPipeline();
    const clicks = clicksOf(1_000);
    const deadly = { ...click(1_000), page: deadlyPage };
    const events: PipelineEvent[] = [];
    const pipeline = await start(definition, {
      workers: 2,
      serdes: { module: new URL('./harness/mortal-serdes.ts', import.meta.url).href },
      onEvent: (event) => events.push(event),
    });
    await spreadOver(pipeline, 8);
    await cluster.send(topic, [...clicks, deadly]);
    await expect(pipeline.finished).rejects.toMatchObject({
      code: 'STREAMS_WORKER',
      message: expect.stringMatching(/^worker [12] of pipeline .* ended: exit code 9/) as unknown,
    });
    expect(pipeline.state).toBe('failed');
    expect(events.at(-1)).toMatchObject({ event: 'failed', code: 'STREAMS_WORKER' });
    await cluster.send(topic, lastClicks(1_001));
    const heir = await start(definition, { workers: 2 });
    await expectAllCounted(definition, [...clicks, deadly]);
    await heir.stop();
  });
});
