import { expect, it } from '@jest/globals';
import { count, tumbling } from '@millrace/windowing';
import { definePipeline, field, startPipeline } from '../src/index.ts';
import type { StartOptions } from '../src/index.ts';
import { jsonSerdes, partitionCount, startMs } from './harness/clicks.ts';
import { until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';

const pageCount = 50;
const tablePartitions = 3;

const pipelineOf = (name: string) =>
  definePipeline({
    name,
    sources: {
      clicks: {
        topic: `${name}-clicks`,
        partitionedBy: ['user'],
        schema: {
          type: 'record',
          name: 'Click',
          fields: [
            { name: 'time', type: 'long', eventTime: true },
            { name: 'user', type: 'string' },
            { name: 'page', type: 'string' },
          ],
        },
      },
      pages: {
        topic: `${name}-pages`,
        schema: {
          type: 'record',
          name: 'Page',
          fields: [
            { name: 'path', type: 'string' },
            { name: 'section', type: 'string' },
          ],
        },
      },
    },
    joins: {
      placed: { stream: 'clicks', globalTable: 'pages', on: ['page'], key: ['path'], type: 'left' },
    },
    views: {
      per_section: {
        from: 'placed',
        derive: { user: field('clicks.user'), section: field('pages.section') },
        by: ['user', 'section'],
        window: tumbling({ sizeMs: 1_000 }),
        select: { clicks: count() },
      },
    },
  });

describeOnBrokers('a global table', ({ cluster }) => {
  it('is whole on both instances before they begin, goes on being read, and is there again after a restart', async () => {
    const name = cluster.unique('global');
    const definition = pipelineOf(name);
    const start = (instanceId: string, options: Partial<StartOptions> = {}) =>
      startPipeline(definition, {
        ...{ brokers: cluster.brokers, serdes: jsonSerdes, instanceId },
        ...{ sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000, ...options },
      });
    await expect(start('a')).rejects.toMatchObject({ code: 'STREAMS_MISSING_TOPIC' });
    await cluster.createTopic(definition.sources.clicks.topic);
    await expect(start('a')).rejects.toThrow(/-pages", which pipeline .* reads, does not exist/);
    await cluster.createTopic(definition.sources.pages.topic, tablePartitions);

    const sendPages = (pages: readonly [page: number, value: string | null][]) =>
      cluster.sendRaw(
        definition.sources.pages.topic,
        pages.map(([page, section]) => ({
          partition: page % tablePartitions,
          key: `k${page}`,
          value: section === null ? null! : JSON.stringify({ path: `/p${page}`, section }),
        })),
      );
    // Each page is clicked once by each of eight users, two in each partition.
    const sendClicks = (second: number) =>
      cluster.sendRaw(
        definition.sources.clicks.topic,
        Array.from({ length: 8 * pageCount }, (_, n) => ({
          partition: n % partitionCount,
          key: `u${n % 8}`,
          value: JSON.stringify({
            time: startMs + second * 1_000 + Math.floor(n / 8),
            user: `u${n % 8}`,
            page: `/p${Math.floor(n / 8)}`,
          }),
        })),
      );
    const all = Array.from({ length: pageCount }, (_, page) => page);
    await sendPages(all.map((page) => [page, 'old']));
    await sendPages(all.map((page) => [page, page % 2 === 0 ? 'even' : 'odd']));
    await cluster.sendRaw(definition.sources.pages.topic, [{ partition: 0, key: 'x', value: 'not JSON' }]);
    await sendClicks(0);

    const settled = async (pipelines: readonly { readonly isSettled: boolean }[]) =>
      until(
        async () => (await cluster.lag(definition)) === 0 && pipelines.every(({ isSettled }) => isSettled),
      );
    const first = [await start('a'), await start('b')];
    await until(() => first.every(({ tasks }) => tasks.length === 2));
    await settled(first);
    expect(first.map(({ counters }) => counters.globalTableRefused)).toEqual([1, 1]);
    await Promise.all(first.map((pipeline) => pipeline.stop()));

    // A page moves while nobody runs, another is deleted, which takes it out of all sections.
    await sendPages([
      [0, 'moved'],
      [1, null],
    ]);
    const second = [await start('a'), await start('b')];
    await sendClicks(1);
    await sendClicks(3_600);
    await until(() => second.every(({ tasks }) => tasks.length === 2));
    await settled(second);
    await Promise.all(second.map((pipeline) => pipeline.stop()));

    const results = await cluster.allResults(definition, 'per_section');
    const found = Object.fromEntries(
      [...results].map(([key, rows]) => {
        expect(rows).toHaveLength(1);
        return [key, rows[0]!.clicks];
      }),
    );
    const expected: Record<string, number> = {};
    for (let user = 0; user < 8; user++)
      for (const [at, sections] of [
        { even: 25, odd: 25 },
        { even: 24, odd: 24, moved: 1 },
      ].entries())
        for (const [section, clicks] of Object.entries(sections))
          expected[JSON.stringify([`u${user}`, section, startMs + at * 1_000])] = clicks;
    expect(found).toEqual(expected);
  });
});
