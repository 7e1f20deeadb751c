import { expect, it } from '@jest/globals';
import { startPipeline } from '../src/index.ts';
import type { RunningPipeline } from '../src/index.ts';
import { startInstance } from './harness/instance.ts';
import { clicksPipeline, jsonSerdes, lastClicks, partitionCount } from './harness/clicks.ts';
import { expectAllCounted, until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';
import { startLoad } from './harness/load.ts';

/** How often to kill in trial 1: 20 times in CI. */
const crashes = Number(process.env['MILLRACE_KILLS'] ?? 4);
/** How often to go from one instance to three and back in trial 6: ten times in CI. */
const rescales = Math.min(10, Math.ceil(crashes / 2));
/** What the long forms may take. */
const longMs = 600_000;
/** How often trial 6 looks whether partitions move. */
const lookMs = 20;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A group's session may be this short on a broker with its default settings. */
const timeouts = { sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 };

describeOnBrokers('faults', ({ cluster }) => {
  async function newPipeline() {
    const definition = clicksPipeline(cluster.unique('ft'));
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    return { definition, topic, settings: { name: definition.name, brokers: cluster.brokers, ...timeouts } };
  }
  const start = (definition: ReturnType<typeof clicksPipeline>): Promise<RunningPipeline> =>
    startPipeline(definition, { brokers: cluster.brokers, serdes: jsonSerdes, ...timeouts });

  it(
    `loses and repeats nothing when it is killed ${crashes} times under load (trial 1)`,
    async () => {
      const { definition, topic, settings } = await newPipeline();
      const load = startLoad(cluster, topic);
      for (let at = 0; at < crashes; at++) {
        const instance = startInstance({ ...settings, instanceId: 'one' });
        await until(() => (instance.status.records ?? 0) > 0);
        await sleep((at * 37) % 200);
        await instance.kill();
      }
      const clicks = await load.end();
      await cluster.send(topic, lastClicks(clicks.length));
      const last = startInstance({ ...settings, instanceId: 'one' });
      try {
        await expectAllCounted(cluster, definition, clicks);
      } finally {
        await last.kill();
      }
    },
    longMs,
  );

  it('refuses what a frozen instance writes once another has taken over (trial 2)', async () => {
    const { definition, topic, settings } = await newPipeline();
    // It counts and does not commit, so that it has something to write when it wakes up.
    const frozen = startInstance({ ...settings, commitIntervalMs: 3_600_000 });
    await until(() => frozen.status.running === 8);
    const load = startLoad(cluster, topic);
    await until(() => (frozen.status.records ?? 0) > 0);
    frozen.freeze();
    const heir = await start(definition);
    try {
      // Once the frozen one's session has timed out.
      await until(() => heir.tasks.length === 8 && heir.counters.commits > 0);
      frozen.thaw();
      await until(() => (frozen.status.recoveries ?? 0) > 0);
    } finally {
      await frozen.kill();
    }
    const clicks = await load.end();
    await cluster.send(topic, lastClicks(clicks.length));
    await expectAllCounted(cluster, definition, clicks);
    await heir.stop();
  });

  it(
    `goes from one instance to three and back ${rescales} times, no partition standing still for 10 s (trial 6)`,
    async () => {
      const { definition, topic } = await newPipeline();
      const load = startLoad(cluster, topic);
      const running: RunningPipeline[] = [await start(definition)];
      const moved = Array.from({ length: partitionCount }, () => ({ position: -1, atMs: 0 }));
      // Only time in which this process could look counts: a busy machine holds up everything, the load as well.
      let longestMs = 0;
      let watchedMs = 0;
      let lastLookMs = performance.now();
      const watch = setInterval(() => {
        const nowMs = performance.now();
        watchedMs += Math.min(nowMs - lastLookMs, 5 * lookMs);
        lastLookMs = nowMs;
        for (const { stage, partition, position } of running.flatMap(({ tasks }) => tasks)) {
          const last = moved[partition]!;
          if (stage !== 'clicks' || position <= last.position) continue;
          longestMs = Math.max(longestMs, watchedMs - last.atMs);
          moved[partition] = { position, atMs: watchedMs };
        }
      }, lookMs);
      for (let round = 0; round < rescales; round++)
        for (const target of [3, 1]) {
          while (running.length < target) running.push(await start(definition));
          while (running.length > target) await running.shift()!.stop();
          // Every partition moves on before the next change.
          const before = moved.map(({ position }) => position);
          await until(() => moved.every(({ position }, partition) => position > before[partition]! + 100));
        }
      clearInterval(watch);
      const clicks = await load.end();
      await cluster.send(topic, lastClicks(clicks.length));
      await expectAllCounted(cluster, definition, clicks);
      await running[0]!.stop();
      expect(longestMs).toBeLessThan(10_000);
    },
    longMs,
  );
});
