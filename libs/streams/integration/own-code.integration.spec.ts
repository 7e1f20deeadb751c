import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ChildProgram } from '@millrace/embedded/testing';
import { startPipeline } from '../src/index.ts';
import type { PipelineDefinition, ProcessDefinition, StartOptions } from '../src/index.ts';
import { click, jsonSerdesModule, lastClicks } from './harness/clicks.ts';
import { until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';
import { expectAllShares } from './harness/expect-shares.ts';
import { startLoad } from './harness/load.ts';
import { sharesPipeline } from './harness/own-code.ts';

/** For what must come, on however busy a machine. */
const giveUpMs = 90_000;
const timeouts = { sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 };

describeOnBrokers('own code', ({ cluster }) => {
  async function newPipeline() {
    const name = cluster.unique('oc');
    const definition = sharesPipeline(name);
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    return { name, definition, topic };
  }
  const start = (definition: PipelineDefinition, options: Partial<StartOptions> = {}) =>
    startPipeline(definition, {
      ...{ brokers: cluster.brokers, serdes: jsonSerdesModule, ...timeouts },
      ...options,
    });

  it('loses and repeats nothing when a process of two workers is killed, dead letters included', async () => {
    const { name, definition, topic } = await newPipeline();
    const load = startLoad(cluster, topic);
    const program = join(import.meta.dirname, 'harness/own-code-instance.ts');
    const instance = new ChildProgram<{ readonly deadLetter: number }>(program, {
      ...{ name, brokers: cluster.brokers, instanceId: 'one', workers: 2, ...timeouts },
    });
    await until(() => (instance.status.deadLetter ?? 0) > 20, giveUpMs);
    await instance.kill();
    const clicks = await load.end();
    await cluster.send(topic, lastClicks(clicks.length));
    const last = await start(definition, { instanceId: 'one', workers: 2 });
    const [letter] = await expectAllShares(cluster, definition, clicks);
    expect(letter!.headers).toMatchObject({ process: 'shares', topic });
    expect(letter!.headers['reason']).toMatch(/^own code "shares" (threw: Error: click|returned what has a)/);
    await last.stop();
  });

  it('goes on over its state wherever the module lies, and is refused when it says that it changed', async () => {
    const { name, definition, topic } = await newPipeline();
    const clicks = Array.from({ length: 500 }, (_, n) => click(n));
    await cluster.send(topic, clicks.slice(0, 300));
    const first = await start(definition);
    await until(() => first.counters.records === 300 && first.isSettled, giveUpMs);
    expect(first.counters.deadLetter).toBe(12);
    await first.stop();
    const { shares } = definition.processes;
    const changes: Partial<ProcessDefinition>[] = [
      { version: 2 },
      { returns: { ...shares.returns, fields: [...shares.returns.fields, { name: 'more', type: 'null' }] } },
    ];
    for (const change of changes)
      await expect(start(sharesPipeline(name, change))).rejects.toMatchObject({
        code: 'STREAMS_CHANGED_DEFINITION',
        message: expect.stringContaining('"per_user"') as unknown,
      });
    await cluster.send(topic, [...clicks.slice(300), ...lastClicks(500)]);
    const moved = await start(sharesPipeline(name, { module: `${shares.module}?elsewhere` }));
    await expectAllShares(cluster, definition, clicks);
    await moved.stop();
  });

  it('is refused at the start when it is not there', async () => {
    const { name, definition } = await newPipeline();
    for (const workers of [1, 2])
      await expect(start(sharesPipeline(name, { export: 'parts' }), { workers })).rejects.toMatchObject({
        code: 'STREAMS_OWN_CODE',
        message: expect.stringMatching(
          /process "shares" of pipeline ".*": the module .* exports no "parts"; it exports .*shares/,
        ) as unknown,
      });
    // Nothing of the refused starts is left.
    const pipeline = await start(definition, { workers: 2 });
    await until(() => pipeline.tasks.length === 12, giveUpMs);
    await pipeline.stop();
  });
});
