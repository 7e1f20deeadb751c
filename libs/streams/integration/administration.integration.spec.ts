import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { run as runCommand } from '../src/cli/run.ts';
import { startPipeline } from '../src/index.ts';
import { pipelineMetrics } from '../src/metrics/index.ts';
import { click, clicksPipeline, jsonSerdes, lastClicks } from './harness/clicks.ts';
import { counted, expectedCounts, until } from './harness/cluster.ts';
import type { CountRow } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';

describeOnBrokers('millrace-streams', ({ cluster, stateDir }) => {
  async function newPipeline() {
    const definition = clicksPipeline(cluster.unique('ad'));
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    const file = join(stateDir, `${definition.name}.json`);
    writeFileSync(file, JSON.stringify(definition));
    const command = async (...parameters: string[]) => {
      const lines: string[] = [];
      const print = (line: string) => lines.push(line);
      const [name = '', ...options] = parameters;
      const status = await runCommand([name, file, ...options, '--brokers', cluster.brokers.join()], {
        environment: {},
        print,
        printError: print,
      });
      return { status, text: lines.join('\n') };
    };
    return { definition, topic, command };
  }
  const start = (definition: ReturnType<typeof clicksPipeline>) =>
    startPipeline(definition, {
      brokers: cluster.brokers,
      serdes: jsonSerdes,
      sessionTimeoutMs: 6_000,
      transactionTimeoutMs: 5_000,
    });
  const clicks = Array.from({ length: 2_000 }, (_, n) => click(n));
  const counts = (rows: ReadonlyMap<string, readonly CountRow[]>) =>
    new Map(
      [...rows].map(([key, all]) => [key, all.map(({ clicks: n, numbers }) => ({ clicks: n, numbers }))]),
    );

  it('resets a stopped pipeline: it reads its source again and gives every result once more', async () => {
    const { definition, topic, command } = await newPipeline();
    await cluster.send(topic, clicks);
    const first = await start(definition);
    await until(() => first.counters.records >= 2_000 && first.isSettled);
    expect(await command('reset', '--to-earliest')).toMatchObject({
      status: 1,
      text: expect.stringMatching(/has 1 running instance; stop them first/),
    });
    await first.stop();
    await cluster.send(topic, lastClicks(2_000));
    const reset = await command('reset', '--to-earliest');
    expect(reset).toMatchObject({ status: 0, text: expect.stringMatching(/cleared \d\d+ records of state/) });
    expect(reset.text).toMatch(new RegExp(`${topic}/0: \\d+ -> 0\\n`));
    const again = await start(definition);
    await until(async () => again.tasks.length === 8 && (await cluster.lag(definition)) === 0);
    await again.stop();
    for (const [view, by] of [
      ['per_user', 'user'],
      ['per_page', 'page'],
    ] as const) {
      const found = counts(await cluster.allResults(definition, view));
      for (const [key, expected] of expectedCounts(clicks, by)) {
        // Windows that had closed before the reset have been handed out before, with the same numbers.
        expect([key, found.get(key)?.at(-1)]).toEqual([key, expected]);
        expect(found.get(key)!.every((row) => JSON.stringify(row) === JSON.stringify(expected))).toBe(true);
      }
    }
  });

  it('resets to an offset and to a time', async () => {
    const { definition, topic, command } = await newPipeline();
    await cluster.send(topic, clicks.slice(0, 400));
    const betweenMs = Date.now() + 1;
    await until(() => Date.now() > betweenMs + 5);
    await cluster.send(topic, clicks.slice(400, 1_000));
    expect((await command('reset', '--to-offset', '7')).text).toContain(
      `${topic}/3: nothing committed -> 7\n`,
    );
    const { text } = await command('reset', '--to-time', String(betweenMs));
    const later = clicks.slice(0, 400).filter(({ partition }) => partition === 2).length;
    expect(text).toContain(`${topic}/2: 7 -> ${later}\n`);
    const pipeline = await start(definition);
    await until(() => pipeline.counters.records >= 600 && pipeline.isSettled);
    await pipeline.stop();
    expect((await command('reset', '--to-latest')).text).toMatch(new RegExp(`${topic}/2: (\\d+) -> \\1\\n`));
  });

  it('pauses and resumes running instances from outside', async () => {
    const { definition, topic, command } = await newPipeline();
    const pipeline = await start(definition);
    await until(() => pipeline.tasks.length === 8);
    expect(await command('pause')).toEqual({ status: 0, text: `${definition.name}: paused` });
    await until(() => pipeline.state === 'paused');
    await cluster.send(topic, clicks);
    const starter = await start(definition);
    await until(() => starter.state === 'paused');
    expect(pipeline.counters.records).toBe(0);
    await command('resume');
    await until(() => pipeline.counters.records + starter.counters.records >= 2_000);
    await Promise.all([pipeline.stop(), starter.stop()]);
  });

  it('counts at least once without transactions, and goes on where it was', async () => {
    const { definition, topic } = await newPipeline();
    const options = {
      brokers: cluster.brokers,
      serdes: jsonSerdes,
      guarantee: 'at-least-once',
      sessionTimeoutMs: 6_000,
    } as const;
    const first = await startPipeline(definition, options);
    await cluster.send(topic, clicks.slice(0, 1_500));
    await until(() => first.counters.records >= 1_500 && first.isSettled);
    await first.stop();
    await cluster.send(topic, [...clicks.slice(1_500), ...lastClicks(2_000)]);
    const second = await startPipeline(definition, options);
    const registry = new Registry();
    pipelineMetrics(registry, [second]);
    await until(async () => second.tasks.length === 8 && (await cluster.lag(definition)) === 0);
    const metrics = await registry.metrics();
    const { records, commits } = second.counters;
    await second.stop();
    expect(second.counters.failedCommits).toBe(0);
    // Nothing went wrong, so that here it was exactly once.
    expect(counted(await cluster.results(definition, 'per_page'))).toEqual(expectedCounts(clicks, 'page'));
    const label = `pipeline="${definition.name}"`;
    expect(metrics).toContain(`millrace_records_total{${label}} ${records}\n`);
    expect(metrics).toContain(`millrace_commit_duration_seconds_count{${label}} ${commits}\n`);
    expect(metrics).toContain(`millrace_lag_records{${label},stage="clicks",partition="3"} 0\n`);
    expect(metrics).toContain(`millrace_restored_ratio{${label},stage="per_page",partition="0"} 1\n`);
    expect(metrics).toMatch(
      new RegExp(`millrace_state_bytes\\{${label},stage="clicks",partition="0"\\} [1-9]`),
    );
    expect(metrics).toContain(`millrace_watermark_delay_seconds{${label},view="per_page"}`);
  });
});
