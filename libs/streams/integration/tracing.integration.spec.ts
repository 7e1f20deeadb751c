import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { definePipeline, startPipeline, topicNames } from '../src/index.ts';
import { click, clicksPipeline, jsonSerdesModule, lastClicks } from './harness/clicks.ts';
import type { Click } from './harness/clicks.ts';
import { TestCluster, until } from './harness/cluster.ts';

const real = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const run = Date.now().toString(36);
const platforms: [string, string | undefined][] = [['the embedded broker', undefined]];
if (real !== undefined) platforms.push(['Apache Kafka', real]);

const parentOf = (n: number, flags = '01') =>
  `00-${n.toString(16).padStart(32, 'c')}-b7ad6b7169203331-${flags}`;
const giveUpMs = 60_000;

describe.each(platforms)('trace contexts on %s', (_platform, brokers) => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start(brokers);
  });
  afterAll(() => cluster.stop());

  it.each([1, 2])(
    'go from records to results through windows, a shuffle and rows, with %i workers',
    async (workers) => {
      const base = clicksPipeline(`tr-${run}-${brokers === undefined ? 'e' : 'k'}${workers}`);
      const definition = definePipeline({
        ...base,
        views: {
          ...base.views,
          log: { from: 'clicks', by: ['n'], columns: ['page'] },
        },
      });
      const { topic } = base.sources.clicks;
      await cluster.createTopic(topic);
      const clicks = Array.from({ length: 400 }, (_, n) => click(n));
      const message = (
        { partition, ...value }: Click & { partition: number },
        headers?: Record<string, string>,
      ) => ({
        ...{ partition, key: value.user, value: JSON.stringify(value) },
        ...(headers === undefined ? {} : { headers }),
      });
      const traced = (n: number) => n % 7 === 0;
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
        topic,
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
          pipeline.counters.records === 405 &&
          pipeline.counters.late === 2 &&
          (pipeline.watermarks()['per_page'] ?? 0) > clicks.at(-1)!.time + 1_000_000 &&
          pipeline.isSettled,
        giveUpMs,
      );
      await pipeline.stop();

      for (const [view, by] of [
        ['per_user', 'user'],
        ['per_page', 'page'],
      ] as const) {
        const records = await cluster.read(topicNames.results(definition.name, view));
        expect(records.length).toBeGreaterThan(30);
        let carried = 0;
        for (const { key, headers } of records) {
          const [value, windowStart] = JSON.parse(key!) as [string, number];
          const inside = clicks.filter(
            (one) =>
              one[by] === value && one.time >= windowStart && one.time < windowStart + 1_000 && traced(one.n),
          );
          if (inside.length > 0) carried++;
          if (inside.length === 0) expect(headers).toEqual({});
          // Through a shuffle, the last one is that of any of the partitions.
          else expect(inside.map(({ n }) => parentOf(n))).toContain(headers['traceparent']);
          if (view === 'per_user' && inside.length > 0)
            expect(headers).toEqual({
              traceparent: parentOf(inside.at(-1)!.n),
              tracestate: `n=${inside.at(-1)!.n}`,
            });
        }
        expect(carried).toBeGreaterThan(10);
      }
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
