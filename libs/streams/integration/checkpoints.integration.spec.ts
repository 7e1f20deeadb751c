import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { startPipeline } from '../src/index.ts';
import type { PipelineEvent, RunningPipeline, StartOptions } from '../src/index.ts';
import { startInstance } from './harness/instance.ts';
import { click, clicksPipeline, jsonSerdes, lastClicks } from './harness/clicks.ts';
import { counted, expectedCounts, until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';

const windowMs = 10_000;

describeOnBrokers('checkpoints of state', ({ cluster, stateDir }) => {
  async function newPipeline() {
    const definition = clicksPipeline(cluster.unique('cp'), {
      windowMs,
    });
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    return { definition, topic };
  }
  type Definition = Awaited<ReturnType<typeof newPipeline>>['definition'];
  const settings = { instanceId: 'one', sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 };

  async function runOnce(definition: Definition, options: Partial<StartOptions> = {}) {
    const events: PipelineEvent[] = [];
    const pipeline = await startPipeline(definition, {
      brokers: cluster.brokers,
      serdes: jsonSerdes,
      commitIntervalMs: 10,
      stateDir,
      ...settings,
      ...options,
      onEvent: (event) => events.push(event),
    });
    return { pipeline, events };
  }
  const clicksOf = (count: number, from = 0) => Array.from({ length: count }, (_, at) => click(from + at));
  async function drained(pipeline: RunningPipeline): Promise<void> {
    let since = Infinity;
    await until(() => {
      const { tasks, isSettled } = pipeline;
      const isQuiet =
        tasks.length === 8 && isSettled && tasks.every(({ state, lag }) => state === 'running' && lag === 0);
      if (!isQuiet) since = Infinity;
      else if (since === Infinity) since = performance.now();
      return performance.now() - since > 500;
    });
  }
  /** Sends clicks in many portions, so that there are many commits. */
  async function sendSlowly(topic: string, clicks: ReturnType<typeof clicksOf>, pipeline: RunningPipeline) {
    for (let from = 0; from < clicks.length; from += 50) {
      const { commits } = pipeline.counters;
      await cluster.send(topic, clicks.slice(from, from + 50));
      await until(() => pipeline.counters.commits > commits);
    }
  }
  async function expectAllCounted(definition: Definition, clicks: ReturnType<typeof clicksOf>) {
    for (const [view, by] of [
      ['per_user', 'user'],
      ['per_page', 'page'],
    ] as const)
      expect(counted(await cluster.results(definition, view))).toEqual(expectedCounts(clicks, by, windowMs));
  }
  const restoredFrom = (events: readonly PipelineEvent[]) =>
    Map.groupBy(
      events.filter(({ event }) => event === 'restored'),
      ({ from }) => from as string,
    );

  it('take the place of the changelog after a clean stop; damaged and foreign ones do not; results are the same', async () => {
    const { definition, topic } = await newPipeline();
    const clicks = clicksOf(2_000);
    const first = await runOnce(definition);
    await sendSlowly(topic, clicks.slice(0, 1_000), first.pipeline);
    await drained(first.pipeline);
    await first.pipeline.stop();
    const written = first.pipeline.counters.changelogBytes;
    expect(written).toBeGreaterThan(0);
    const folder = join(stateDir, definition.name);
    const files = (await readdir(folder)).sort();
    expect(files).toHaveLength(8);

    const again = await runOnce(definition);
    await drained(again.pipeline);
    expect([...restoredFrom(again.events).keys()]).toEqual(['checkpoint']);
    expect(again.pipeline.counters.restoredRecords).toBe(0);
    expect(again.pipeline.tasks.reduce((sum, { keys }) => sum + keys, 0)).toBe(40 + 10);
    await sendSlowly(topic, clicks.slice(1_000, 1_300), again.pipeline);
    await drained(again.pipeline);
    await again.pipeline.stop();

    const foreign = await readFile(join(folder, files[0]!));
    for (const [at, file] of files.entries()) {
      const path = join(folder, file);
      const bytes = await readFile(path);
      if (at % 3 === 0) await writeFile(path, bytes.subarray(0, bytes.length - 1 - at));
      else if (at % 3 === 1) {
        bytes[bytes.length - 1]! ^= 0x10;
        await writeFile(path, bytes);
        // Whole, but of another task.
      } else await writeFile(path, foreign);
    }
    const damaged = await runOnce(definition);
    await drained(damaged.pipeline);
    expect([...restoredFrom(damaged.events).keys()]).toEqual(['changelog']);
    expect(damaged.pipeline.counters.checkpointsRefused).toBe(8);
    expect(damaged.pipeline.counters.restoredRecords).toBeGreaterThan(100);
    await cluster.send(topic, [...clicks.slice(1_300), ...lastClicks(2_000)]);
    await drained(damaged.pipeline);
    await damaged.pipeline.stop();
    await expectAllCounted(definition, clicks);
  });

  it('leave after a kill only what came since to be read; and what another instance wrote meanwhile', async () => {
    const { definition, topic } = await newPipeline();
    const { name } = definition;
    const clicks = clicksOf(3_000);
    const instance = startInstance({
      ...{ name, brokers: cluster.brokers, ...settings, commitIntervalMs: 10, windowMs },
      ...{ stateDir, checkpointIntervalMs: 100 },
    });
    await until(() => instance.status.running === 8);
    let sent = 0;
    const files = async () => readdir(join(stateDir, name)).catch(() => []);
    await until(async () => {
      if (sent < 1_500) await cluster.send(topic, clicks.slice(sent, (sent += 25)));
      const written = await files();
      return sent === 1_500 && written.filter((file) => file.endsWith('.checkpoint')).length === 8;
    });
    await instance.kill();

    // One that keeps no files goes on for a while: the checkpoints are behind by what it does.
    const other = await runOnce(definition, { stateDir: undefined });
    await sendSlowly(topic, clicks.slice(sent, 2_000), other.pipeline);
    await drained(other.pipeline);
    await other.pipeline.stop();
    const all = other.pipeline.counters.restoredRecords;

    const back = await runOnce(definition);
    await cluster.send(topic, [...clicks.slice(2_000), ...lastClicks(3_000)]);
    await drained(back.pipeline);
    expect([...restoredFrom(back.events).keys()]).toEqual(['checkpoint']);
    expect(back.pipeline.counters.checkpointsRefused).toBe(0);
    expect(all).toBeGreaterThan(0);
    const restored = restoredFrom(back.events).get('checkpoint')!;
    for (const { firstOffset } of restored) expect(firstOffset).toBeGreaterThan(0);
    await back.pipeline.stop();
    await expectAllCounted(definition, clicks);
  });
});
