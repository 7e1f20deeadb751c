import { expect, it } from '@jest/globals';
import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline, field, startPipeline, topicNames } from '../src/index.ts';
import { click, clicksPipeline, jsonSerdesModule, lastClicks } from './harness/clicks.ts';
import type { Click } from './harness/clicks.ts';
import { until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';

const parentOf = (n: number, flags = '01') =>
  `00-${n.toString(16).padStart(32, 'c')}-b7ad6b7169203331-${flags}`;
const giveUpMs = 60_000;

describeOnBrokers('trace contexts', ({ cluster }) => {
  it.each([1, 2])(
    'go from records to results through windows, a shuffle, rows, joins and views of views, with %i workers',
    async (workers) => {
      const base = clicksPipeline(cluster.unique('tr'));
      const definition = definePipeline({
        ...base,
        sources: {
          ...base.sources,
          buys: { ...base.sources.clicks, topic: `${base.name}-buys` },
        },
        joins: {
          bought: { left: 'clicks', right: 'buys', on: ['user'], type: 'inner', beforeMs: 0, afterMs: 0 },
        },
        views: {
          ...base.views,
          log: { from: 'clicks', by: ['n'], columns: ['page'] },
          bought_log: {
            from: 'bought',
            derive: { n: field('clicks.n') },
            by: ['n'],
            columns: ['eventTime'],
          },
          bought_per_page: {
            from: 'bought',
            derive: { page: field('clicks.page') },
            by: ['page'],
            window: tumbling({ sizeMs: 1_000 }),
            select: { buys: count() },
          },
          page_log: {
            from: 'per_page',
            by: ['page'],
            columns: ['windowStart', 'clicks'],
            time: 'windowStart',
          },
          longer_per_user: {
            from: 'per_user',
            by: ['user'],
            window: tumbling({ sizeMs: 2_000 }),
            select: { clicks: sum('clicks') },
          },
        },
      });
      const { topic } = base.sources.clicks;
      const buysTopic = definition.sources.buys.topic;
      await Promise.all([topic, buysTopic].map((name) => cluster.createTopic(name)));
      const clicks = Array.from({ length: 400 }, (_, n) => click(n));
      const message = (
        { partition, ...value }: Click & { partition: number },
        headers?: Record<string, string>,
      ) => ({
        ...{ partition, key: value.user, value: JSON.stringify(value) },
        ...(headers === undefined ? {} : { headers }),
      });
      const traced = (n: number) => n % 7 === 0;
      const buys = clicks.filter(({ n }) => n % 10 === 0);
      const parentOfBuy = (n: number) => parentOf(5_000 + n);
      await cluster.sendRaw(
        topic,
        clicks.map((one) =>
          message(
            one,
            traced(one.n) ? { traceparent: parentOf(one.n), tracestate: `n=${one.n}` } : undefined,
          ),
        ),
      );
      await cluster.sendRaw(
        buysTopic,
        buys.map((one) => message(one, { traceparent: parentOfBuy(one.n) })),
      );
      for (const each of [topic, buysTopic])
        await cluster.sendRaw(
          each,
          lastClicks(400).map((one) => message(one)),
        );
      // Late by now, and with a header of the name of one that is added.
      await cluster.sendRaw(topic, [message(clicks[0]!, { traceparent: parentOf(1_000), code: 'mine' })]);
      const pipeline = await startPipeline(definition, {
        ...{ brokers: cluster.brokers, serdes: jsonSerdesModule, workers, traceContext: true },
        ...{ sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 },
      });
      await until(
        () =>
          pipeline.counters.records === 409 + buys.length &&
          pipeline.counters.late === 3 &&
          Object.keys(definition.views).every(
            (view) => (pipeline.watermarks()[view] ?? 0) > clicks.at(-1)!.time + 1_000_000,
          ) &&
          pipeline.isSettled,
        giveUpMs,
      );
      await pipeline.stop();

      const ofClick = (n: number) => (traced(n) ? [parentOf(n)] : []);
      const ofPair = (n: number) => [...ofClick(n), parentOfBuy(n)];
      for (const { view, by, sizeMs, of, parentsOf } of [
        { view: 'per_user', by: 'user', sizeMs: 1_000, of: clicks, parentsOf: ofClick },
        { view: 'per_page', by: 'page', sizeMs: 1_000, of: clicks, parentsOf: ofClick },
        { view: 'page_log', by: 'page', sizeMs: 1_000, of: clicks, parentsOf: ofClick },
        { view: 'longer_per_user', by: 'user', sizeMs: 2_000, of: clicks, parentsOf: ofClick },
        { view: 'bought_per_page', by: 'page', sizeMs: 1_000, of: buys, parentsOf: ofPair },
      ] as const) {
        const carried = new Set<string>();
        for (const { key, headers } of await cluster.read(topicNames.results(definition.name, view))) {
          const [group, start] = JSON.parse(key!) as [string, number];
          const inside = of.filter(
            (one) => one[by] === group && one.time >= start && one.time < start + sizeMs,
          );
          const parents = inside.flatMap(({ n }) => parentsOf(n));
          if (parents.length === 0) expect({ view, key, headers }).toEqual({ view, key, headers: {} });
          // Through a shuffle, the last one is that of any of the partitions.
          else expect(parents).toContain(headers['traceparent']);
          if (parents.length > 0) carried.add(key!);
          if (view === 'per_user' && parents.length > 0) {
            const { n } = inside.findLast((one) => traced(one.n))!;
            expect(headers).toEqual({ traceparent: parentOf(n), tracestate: `n=${n}` });
          }
        }
        const windowsOf = of
          .filter(({ n }) => parentsOf(n).length > 0)
          .map((one) => JSON.stringify([one[by], Math.floor(one.time / sizeMs) * sizeMs]));
        expect(carried).toEqual(new Set(windowsOf));
      }
      const pairs = await cluster.read(topicNames.results(definition.name, 'bought_log'));
      const carriedByPairs = new Map(
        pairs.map(({ key, headers }) => [(JSON.parse(key!) as [number])[0], headers['traceparent']]),
      );
      for (const { n } of buys.slice(1)) expect(ofPair(n)).toContain(carriedByPairs.get(n));
      for (const { key, headers } of await cluster.read(topicNames.results(definition.name, 'log'))) {
        const [n] = JSON.parse(key!) as [number, number];
        if (n > 0) expect(headers['traceparent']).toBe(traced(n) ? parentOf(n) : undefined);
      }
      for (const { headers } of await cluster.read(topicNames.late(definition.name)))
        expect(headers).toMatchObject({
          traceparent: parentOf(1_000),
          code: 'STREAMS_LATE',
          'original-code': 'mine',
        });
    },
  );
});
