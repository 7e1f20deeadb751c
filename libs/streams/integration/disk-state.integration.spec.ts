import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { startPipeline } from '../src/index.ts';
import type { RunningPipeline } from '../src/index.ts';
import { pipelineMetrics } from '../src/metrics/index.ts';
import { clicksPipeline, jsonSerdes, lastClicks, partitionCount, startMs } from './harness/clicks.ts';
import { counted, expectedCounts, until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';
import { startInstance } from './harness/instance.ts';

const windowMs = 10_000;
const keyCount = 20_000;
/** Of which the files' caches of the 8 tasks take half. */
const maxStateBytes = 4 * 1024 * 1024;

/** All in one window, each user and each page once among any `keyCount` of them in a row. */
const clickOf = (n: number) => {
  const user = (n * 7) % keyCount;
  return {
    ...{ time: startMs + (n % 1_000), user: `user ${user}`, page: `/page/${(n * 11) % keyCount}`, n },
    partition: user % partitionCount,
  };
};
const clicksOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => clickOf(from + at));

describeOnBrokers('state larger than memory', ({ cluster, stateDir }) => {
  const held = ({ tasks }: RunningPipeline) => ({
    memory: tasks.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    disk: tasks.reduce((sum, { diskBytes }) => sum + diskBytes, 0),
  });

  it('gives every result once through a kill and a restart, and answers queries', async () => {
    const name = cluster.unique('disk');
    const definition = clicksPipeline(name, { windowMs });
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    const settings = {
      ...{ brokers: cluster.brokers, stateDir, maxStateBytes, instanceId: 'one' },
      ...{ commitIntervalMs: 50, sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 },
    };
    const first = startInstance({ ...settings, name, windowMs });
    await until(() => first.status.running === 8);
    await cluster.send(topic, clicksOf(0, keyCount / 2));
    // Some of it is committed when it dies, perhaps not all.
    await until(() => (first.status.records ?? 0) > keyCount / 4);
    await first.kill();

    const pipeline = await startPipeline(definition, { ...settings, serdes: jsonSerdes });
    for (const [from, to] of [
      [keyCount / 2, keyCount],
      [keyCount, 2 * keyCount],
    ] as const) {
      await cluster.send(topic, clicksOf(from, to));
      await until(async () => (await cluster.lag(definition)) === 0 && pipeline.isSettled);
    }
    const { counters } = pipeline;
    expect(counters.restoredRecords).toBeGreaterThan(0);
    expect(counters.spilledCells).toBeGreaterThan(keyCount);
    expect(counters.loadedCells).toBeGreaterThan(0);
    const { memory, disk } = held(pipeline);
    expect(memory).toBeLessThanOrEqual(maxStateBytes);
    expect(disk).toBeGreaterThan(512 * 1024);
    const registry = new Registry();
    pipelineMetrics(registry, [pipeline]);
    const metric = async (metricName: string) =>
      (await registry.getSingleMetric(metricName)!.get()).values.reduce((sum, { value }) => sum + value, 0);
    expect(await metric('millrace_state_spilled_cells_total')).toBe(counters.spilledCells);
    expect(await metric('millrace_state_loaded_cells_total')).toBe(counters.loadedCells);
    expect(await metric('millrace_state_memory_bytes')).toBe(memory);
    expect(await metric('millrace_state_disk_bytes')).toBe(disk);
    // No file is left to whoever comes after a crash.
    expect(await readdir(join(stateDir, name))).toEqual([]);

    const one = await pipeline.query({ view: 'per_user', key: { user: 'user 77' } });
    expect(one.rows.map(({ user, clicks }) => ({ user, clicks }))).toEqual([{ user: 'user 77', clicks: 2 }]);
    for (const view of ['per_user', 'per_page']) {
      const all = await pipeline.query({
        view,
        fromMs: startMs,
        toMs: startMs + windowMs,
        limit: 10 * keyCount,
      });
      expect(all.rows).toHaveLength(keyCount);
      expect(new Set(all.rows.map(({ clicks }) => clicks))).toEqual(new Set([2]));
      const none = await pipeline.query({ view, fromMs: startMs + windowMs });
      expect(none.rows).toEqual([]);
    }

    const clicks = clicksOf(0, 2 * keyCount);
    await cluster.send(topic, lastClicks(2 * keyCount));
    await until(async () => (await cluster.lag(definition)) === 0 && pipeline.isSettled);
    await pipeline.stop();
    for (const [view, by] of [
      ['per_user', 'user'],
      ['per_page', 'page'],
    ] as const)
      expect(counted(await cluster.results(definition, view))).toEqual(expectedCounts(clicks, by, windowMs));
  });

  it('is there again after a clean restart without its changelog; with it where a checkpoint is damaged', async () => {
    const name = cluster.unique('again');
    const definition = clicksPipeline(name, { windowMs });
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    const least = 512 * 1024;
    const start = async () => {
      const refused: unknown[] = [];
      const pipeline = await startPipeline(definition, {
        ...{
          brokers: cluster.brokers,
          serdes: jsonSerdes,
          stateDir,
          maxStateBytes: least,
          instanceId: 'one',
        },
        ...{ commitIntervalMs: 50, sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 },
        onEvent: ({ event, task }) => event === 'checkpoint-refused' && refused.push(task),
      });
      return { pipeline, refused };
    };
    const drained = async (pipeline: RunningPipeline) => {
      await until(async () => (await cluster.lag(definition)) === 0 && pipeline.isSettled);
      await until(
        () => pipeline.tasks.length === 8 && pipeline.tasks.every(({ state }) => state === 'running'),
      );
    };
    const clicks = clicksOf(0, 3 * keyCount);
    const files = async () => (await readdir(join(stateDir, name))).sort();
    const first = await start();
    await cluster.send(topic, clicks.slice(0, keyCount));
    await drained(first.pipeline);
    await first.pipeline.stop();
    expect(await files()).toHaveLength(8);

    const second = await start();
    await drained(second.pipeline);
    expect(second.pipeline.counters).toMatchObject({
      restores: 8,
      restoredRecords: 0,
      checkpointsRefused: 0,
    });
    expect(second.pipeline.counters.spilledCells).toBeGreaterThan(keyCount);
    expect(held(second.pipeline).memory).toBeLessThanOrEqual(least);
    await cluster.send(topic, clicks.slice(keyCount, 2 * keyCount));
    await drained(second.pipeline);
    await second.pipeline.stop();

    const [damaged] = await files();
    const path = join(stateDir, name, damaged!);
    const bytes = await readFile(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    await writeFile(path, bytes);
    const third = await start();
    await drained(third.pipeline);
    expect(third.refused).toEqual([damaged!.replace('.checkpoint', '')]);
    expect(third.pipeline.counters.restoredRecords).toBeGreaterThan(0);
    await cluster.send(topic, [...clicks.slice(2 * keyCount), ...lastClicks(3 * keyCount)]);
    await drained(third.pipeline);
    await third.pipeline.stop();
    for (const [view, by] of [
      ['per_user', 'user'],
      ['per_page', 'page'],
    ] as const)
      expect(counted(await cluster.results(definition, view))).toEqual(expectedCounts(clicks, by, windowMs));
  });

  it('ends with the reason when the disk is full, and loses nothing', async () => {
    const name = cluster.unique('full');
    const definition = clicksPipeline(name, { windowMs });
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    const settings = {
      ...{ brokers: cluster.brokers, stateDir, maxStateBytes: 512 * 1024, instanceId: 'one' },
      ...{ commitIntervalMs: 50, sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 },
    };
    const clicks = clicksOf(0, keyCount);
    const full = startInstance({ ...settings, name, windowMs, mostFileBytes: 64 * 1024 });
    await until(() => full.status.running === 8);
    await cluster.send(topic, clicks);
    await until(() => full.status.failure !== undefined);
    const { code, message } = full.status.failure!;
    expect(code).toBe('STREAMS_STATE');
    expect(message).toContain(`could not be put on disk in "${join(stateDir, name)}"`);
    expect(message).toContain('make room there, or raise maxStateBytes, and start again; nothing is lost');

    const roomy = await startPipeline(definition, { ...settings, serdes: jsonSerdes });
    await cluster.send(topic, lastClicks(keyCount));
    await until(async () => (await cluster.lag(definition)) === 0 && roomy.isSettled);
    await roomy.stop();
    for (const [view, by] of [
      ['per_user', 'user'],
      ['per_page', 'page'],
    ] as const)
      expect(counted(await cluster.results(definition, view))).toEqual(expectedCounts(clicks, by, windowMs));
  });

  it('is refused at the start where a part of the pipeline keeps its state in memory', async () => {
    const definition = clicksPipeline('never', { windowMs });
    const { per_user } = definition.views;
    const recent = { ...per_user, window: { type: 'sliding', sizeMs: 1_000 } } as const;
    const start = startPipeline(
      { ...definition, views: { recent } },
      { brokers: cluster.brokers, serdes: jsonSerdes, stateDir, maxStateBytes },
    );
    await expect(start).rejects.toMatchObject({
      code: 'STREAMS_STATE',
      message: expect.stringContaining('view "recent" (sliding windows)') as unknown as string,
    });
  });
});
