import { expect, it } from '@jest/globals';
import { startPipeline } from '../src/index.ts';
import type { PipelineEvent } from '../src/index.ts';
import { startInstance } from './harness/instance.ts';
import { click, clicksPipeline, jsonSerdes, lastClicks } from './harness/clicks.ts';
import { counted, expectedCounts, until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';

const windowMs = 10_000;
const clickCount = 3_000;

describeOnBrokers('standby copies', ({ cluster }) => {
  it('let another instance go on with what it has when one is killed; results are the same', async () => {
    const name = cluster.unique('standby');
    const definition = clicksPipeline(name, { windowMs });
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    const clicks = Array.from({ length: clickCount }, (_, n) => click(n));
    const settings = {
      sessionTimeoutMs: 6_000,
      transactionTimeoutMs: 5_000,
      commitIntervalMs: 10,
      standbys: 1,
    };
    const killed = startInstance({
      ...{ name, brokers: cluster.brokers, windowMs, ...settings },
      instanceId: 'killed',
    });
    const events: PipelineEvent[] = [];
    const other = await startPipeline(definition, {
      ...{ brokers: cluster.brokers, serdes: jsonSerdes, ...settings },
      instanceId: 'other',
      onEvent: (event) => events.push(event),
    });
    try {
      await until(() => killed.status.running === 4 && other.tasks.length === 4);
      for (let from = 0; from < clickCount / 2; from += 50) {
        const { commits } = other.counters;
        await cluster.send(topic, clicks.slice(from, from + 50));
        await until(() => other.counters.commits > commits);
      }
      const copied = () => other.standbys.reduce((sum, { offset }) => sum + offset, 0);
      await until(
        async () =>
          other.standbys.length === 4 &&
          other.standbys.every(({ lag }) => lag === 0) &&
          (await cluster.lag(definition)) === 0 &&
          other.isSettled,
      );
      expect(copied()).toBeGreaterThan(200);
      events.length = 0;
      await killed.kill();
      await until(() => other.tasks.length === 8 && other.tasks.every(({ state }) => state === 'running'));

      const restored = events.filter(({ event }) => event === 'restored');
      expect(restored.map(({ from }) => from)).toEqual(['standby', 'standby', 'standby', 'standby']);
      const read = restored.reduce((sum, { recordCount }) => sum + Number(recordCount), 0);
      expect(read).toBeLessThan(50);
      expect(other.standbys).toEqual([]);

      await cluster.send(topic, [...clicks.slice(clickCount / 2), ...lastClicks(clickCount)]);
      await until(async () => (await cluster.lag(definition)) === 0 && other.isSettled);
    } finally {
      await killed.kill();
      await other.stop();
    }
    for (const [view, by] of [
      ['per_user', 'user'],
      ['per_page', 'page'],
    ] as const)
      expect(counted(await cluster.results(definition, view))).toEqual(expectedCounts(clicks, by, windowMs));
  });
});
