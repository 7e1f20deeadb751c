import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ChildProgram } from '@millrace/embedded/testing';
import { startPipeline } from '../src/index.ts';
import type { PipelineEvent, RunningPipeline, StartOptions } from '../src/index.ts';
import { click, jsonSerdesModule, lastClicks } from './harness/clicks.ts';
import { until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';
import { expectAllShares } from './harness/expect-shares.ts';
import { sharesPipeline } from './harness/own-code.ts';

/** Four of the clicks, where own code is, and four each behind two repartition topics. */
const taskCount = 12;
const ownCodeTaskCount = 4;
const isOfOwnCode = (task: string) => task.startsWith('0_');
const clickCount = 1_500;
const clicks = Array.from({ length: clickCount }, (_, n) => click(n));
const settings = { sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000, commitIntervalMs: 10 };

interface Status {
  readonly records: number;
  readonly running: number;
}

describeOnBrokers('state and timers of own code', ({ cluster, stateDir }) => {
  async function newPipeline() {
    const name = cluster.unique('os');
    const definition = sharesPipeline(name);
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    const send = (from: number, to: number) => cluster.send(topic, clicks.slice(from, to));
    const restored: PipelineEvent[] = [];
    const start = (options: Partial<StartOptions>) =>
      startPipeline(definition, {
        ...{ brokers: cluster.brokers, serdes: jsonSerdesModule, ...settings, ...options },
        onEvent: (event) => {
          if (event.event === 'restored' && isOfOwnCode(event.task as string)) restored.push(event);
        },
      });
    const spawn = (options: Partial<StartOptions>) =>
      new ChildProgram<Status>(join(import.meta.dirname, 'harness/own-code-instance.ts'), {
        ...{ name, brokers: cluster.brokers, ...settings, ...options },
      });
    /** All that was sent is counted and committed. */
    const settled = (...pipelines: RunningPipeline[]) =>
      until(
        async () =>
          pipelines.flatMap(({ tasks }) => tasks).filter(({ state }) => state === 'running').length ===
            taskCount &&
          (await cluster.lag(definition)) === 0 &&
          pipelines.every(({ isSettled }) => isSettled),
      );
    const end = async (...pipelines: RunningPipeline[]) => {
      await cluster.send(topic, lastClicks(clickCount));
      await settled(...pipelines);
      await Promise.all(pipelines.map((pipeline) => pipeline.stop()));
      await expectAllShares(cluster, definition, clicks);
    };
    return { name, restored, send, start, spawn, settled, end };
  }
  const sources = (restored: readonly PipelineEvent[]) => [...new Set(restored.map(({ from }) => from))];

  it('are read from checkpoints after a stop and after a kill, and go on as if nothing had been', async () => {
    const { name, restored, send, start, spawn, settled, end } = await newPipeline();
    const durable = { instanceId: 'one', stateDir };
    const first = await start(durable);
    await send(0, 400);
    await settled(first);
    const keys = first.tasks.reduce((sum, task) => sum + task.keys, 0);
    expect(keys).toBeGreaterThan(40);
    await first.stop();

    restored.length = 0;
    const again = await start(durable);
    await until(() => again.tasks.filter(({ state }) => state === 'running').length === taskCount);
    expect(sources(restored)).toEqual(['checkpoint']);
    expect(again.counters.restoredRecords).toBe(0);
    expect(again.tasks.reduce((sum, task) => sum + task.keys, 0)).toBe(keys);
    await send(400, 700);
    await settled(again);
    await again.stop();
    await rm(join(stateDir, name), { recursive: true });

    const killed = spawn({ ...durable, checkpointIntervalMs: 100 });
    await until(() => killed.status.running === taskCount);
    let sent = 700;
    await until(async () => {
      if (sent < 1_200) await send(sent, (sent += 25));
      const files = await readdir(join(stateDir, name)).catch(() => []);
      const whole = files.filter((file) => isOfOwnCode(file) && file.endsWith('.checkpoint'));
      return sent === 1_200 && whole.length === ownCodeTaskCount;
    });
    await killed.kill();

    restored.length = 0;
    const back = await start(durable);
    await send(1_200, clickCount);
    await settled(back);
    expect(sources(restored)).toEqual(['checkpoint']);
    expect(back.counters.checkpointsRefused).toBe(0);
    await end(back);
  });

  it('are gone on with by the instance that has a copy, and by one that joins and leaves again', async () => {
    const { restored, send, start, spawn, settled, end } = await newPipeline();
    const killed = spawn({ instanceId: 'killed', standbys: 1 });
    const other = await start({ instanceId: 'other', standbys: 1 });
    try {
      await until(() => killed.status.running === taskCount / 2 && other.tasks.length === taskCount / 2);
      for (let from = 0; from < 600; from += 50) {
        const { commits } = other.counters;
        await send(from, from + 50);
        await until(() => other.counters.commits > commits);
      }
      await until(
        () => other.standbys.length === taskCount / 2 && other.standbys.every(({ lag }) => lag === 0),
      );
      restored.length = 0;
      await killed.kill();
      await until(() => other.tasks.filter(({ state }) => state === 'running').length === taskCount);
      expect(sources(restored)).toEqual(['standby']);
      await send(600, 900);
      await settled(other);

      restored.length = 0;
      const joined = await start({ instanceId: 'joined' });
      await until(() => joined.tasks.some(({ task }) => isOfOwnCode(task)));
      await settled(joined, other);
      expect(sources(restored)).toEqual(['changelog']);
      await send(900, 1_200);
      await settled(joined, other);
      await joined.stop();
      await send(1_200, clickCount);
      await end(other);
    } finally {
      await killed.kill();
      await other.stop();
    }
  });
});
