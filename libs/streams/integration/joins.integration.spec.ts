import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { ChildProgram } from '@millrace/embedded/testing';
import { startPipeline } from '../src/index.ts';
import { jsonSerdes, partitionCount, startMs } from './harness/clicks.ts';
import { until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';
import { joinedRows, lastOrders, orderEvents, ordersPipeline } from './harness/orders.ts';
import type { OrderEvent } from './harness/orders.ts';

const orderCount = 3_000;
const portions = 20;
const portionMs = 150;

/** An instance that can be killed as a power cut would, once it is at work. */
async function killable(name: string, brokers: readonly string[]) {
  const file = join(import.meta.dirname, 'harness/orders-instance.ts');
  const instance = new ChildProgram<{ readonly atWork: number }>(file, { name, brokers });
  await until(() => (instance.status.atWork ?? 0) > 0);
  return instance;
}

describeOnBrokers('joins', ({ cluster }) => {
  async function newPipeline(name: string, paymentPartitions = partitionCount) {
    const definition = ordersPipeline(cluster.unique(name));
    await cluster.createTopic(definition.sources.orders.topic);
    await cluster.createTopic(definition.sources.payments.topic, paymentPartitions);
    return definition;
  }

  it('are refused when the partition counts of their topics differ', async () => {
    const definition = await newPipeline('uneven', partitionCount + 1);
    const starting = startPipeline(definition, { brokers: cluster.brokers, serdes: jsonSerdes });
    await expect(starting).rejects.toMatchObject({
      code: 'STREAMS_PARTITION_COUNT',
      message: expect.stringMatching(
        /joined in stage "orders" differ .*-orders" has 4, .*-payments" has 5\).*create them with equal counts/,
      ),
    });
  });

  it('give what a batch computation gives, with two instances of which one is killed twice', async () => {
    const definition = await newPipeline('join');
    const { name } = definition;
    const events = Array.from({ length: orderCount }, (_, n) => orderEvents(n)).flat();
    const send = async (some: readonly OrderEvent[]) => {
      for (const source of ['payments', 'orders'] as const)
        await cluster.sendRaw(
          definition.sources[source].topic,
          some
            .filter((event) => event.source === source)
            .sort((a, b) => a.row.time - b.row.time)
            .map(({ partition, row }) => ({ partition, key: row.user, value: JSON.stringify(row) })),
        );
    };
    const other = await startPipeline(definition, {
      brokers: cluster.brokers,
      serdes: jsonSerdes,
      instanceId: 'other',
      sessionTimeoutMs: 6_000,
      transactionTimeoutMs: 5_000,
    });
    let killed: Awaited<ReturnType<typeof killable>> | undefined;
    try {
      const load = (async () => {
        const inTime = events.toSorted((a, b) => a.row.time - b.row.time);
        const size = Math.ceil(inTime.length / portions);
        for (let from = 0; from < inTime.length; from += size) {
          await send(inTime.slice(from, from + size));
          await sleep(portionMs);
        }
        await send(lastOrders(orderCount));
      })();
      killed = await killable(name, cluster.brokers);
      await sleep(300);
      await killed.kill();
      killed = await killable(name, cluster.brokers);
      await load;
      await killed.kill();
      const endMs = startMs + orderCount * 20;
      // Its tasks come here once its session is over.
      await until(
        () =>
          other.tasks.length === 3 * partitionCount &&
          other.tasks.every(({ state, lag }) => state === 'running' && lag === 0) &&
          Object.values(other.watermarks()).every((watermark) => watermark > endMs + 60_000) &&
          other.isSettled,
      );
    } finally {
      await killed?.kill();
      await other.stop();
    }
    expect(other.counters.late).toBe(0);
    const rows = joinedRows(events);
    const results = async (view: string): Promise<Record<string, unknown>[]> =>
      [...(await cluster.results(definition, view)).values()] as unknown as Record<string, unknown>[];
    const texts = (some: readonly unknown[]) => some.map((row) => JSON.stringify(row)).sort();
    expect(
      texts(
        (await results('pairs')).map(({ order, payment, user, eventTime }) => [
          order,
          payment,
          user,
          eventTime,
        ]),
      ),
    ).toEqual(texts(rows.map(({ order, payment, user, eventTime }) => [order, payment, user, eventTime])));
    const counted = (keyOf: (row: (typeof rows)[number]) => string) =>
      [...Map.groupBy(rows, (row) => `${keyOf(row)} ${Math.floor(row.eventTime / 1_000) * 1_000}`)].map(
        ([key, some]) => `${key} ${some.length}`,
      );
    const perUser = (await results('per_user')).map(
      ({ user, windowStart, rows: count }) => `${user} ${windowStart} ${count}`,
    );
    expect(perUser.sort()).toEqual(counted(({ user }) => user).sort());
    const perProduct = counted(({ product }) => product);
    const got = (await results('per_product')).map(
      ({ product, windowStart, rows: count }) => `${product} ${windowStart} ${count}`,
    );
    expect(got.sort()).toEqual(perProduct.toSorted());
    const busy = [
      ...Map.groupBy(perProduct, (text) => Math.floor(Number(text.split(' ')[1]) / 5_000) * 5_000),
    ]
      .map(([windowStart, some]) => {
        const sum = some.reduce((total, text) => total + Number(text.split(' ')[2]), 0);
        return { windowStart, products: some.length, rows: sum, mean_rows: sum / some.length };
      })
      .filter(({ mean_rows }) => mean_rows >= 2);
    expect(
      texts(
        (await results('busy_products')).map(({ windowStart, products, rows: count, mean_rows }) => ({
          ...{ windowStart, products, rows: count, mean_rows },
        })),
      ),
    ).toEqual(texts(busy));
  });
});
