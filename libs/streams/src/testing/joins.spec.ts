import { describe as group, expect, it } from '@jest/globals';
import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline } from '../definition/define-pipeline.ts';
import { eq, field, neq } from '../definition/expression.ts';
import type { JoinDefinition } from '../definition/pipeline-definition.ts';
import { describe } from '../topology/describe.ts';
import { testPipeline } from './test-pipeline.ts';

const schema = (name: string, extra: string) =>
  ({
    type: 'record',
    name,
    fields: [
      { name: 'time', type: 'long', eventTime: true },
      { name: 'user', type: ['null', 'string'] },
      { name: extra, type: 'long' },
    ],
  }) as const;
const outOfOrderMs = 20;
const source = (name: string, extra: string) =>
  ({ topic: name, schema: schema(name, extra), outOfOrderMs, partitionedBy: ['user'] }) as const;
const sources = {
  orders: source('orders', 'amount'),
  payments: source('payments', 'paid'),
  refunds: source('refunds', 'back'),
};

interface Event {
  readonly source: 'orders' | 'payments' | 'refunds';
  readonly row: { readonly time: number; readonly user: string | null; readonly [name: string]: unknown };
}

const joined = (join: Omit<JoinDefinition, 'on'> & Record<string, unknown>) =>
  definePipeline({
    name: 'shop',
    sources,
    joins: { paid_orders: { on: ['user'], ...join } as unknown as JoinDefinition },
    views: {
      pairs: {
        from: 'paid_orders',
        derive: { amount: field('orders.amount'), paid: field('payments.paid') },
        by: ['user'],
        columns: ['amount', 'paid', 'eventTime'],
      },
      per_user: {
        from: 'paid_orders',
        derive: { paid: field('payments.paid') },
        by: ['user'],
        window: tumbling({ sizeMs: 50 }),
        select: { pairs: count(), paid: sum('paid') },
      },
    },
  });

/** Mulberry32: small, seeded, good enough to shuffle with. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function randomEvents(random: (below: number) => number): Event[] {
  const names = ['orders', 'payments', 'refunds'] as const;
  return Array.from({ length: 60 }, (_, n) => {
    const of = names[random(3)]!;
    const user = random(12) === 0 ? null : `u${random(3)}`;
    return { source: of, row: { time: random(400), user, amount: n, paid: n, back: n } };
  }).sort((a, b) => a.row.time - b.row.time);
}

/** Each source in an order within its bounds, the sources laid into each other anyhow. */
function arrival(events: readonly Event[], random: (below: number) => number): Event[] {
  const queues = Object.keys(sources).map((name) =>
    events
      .filter((event) => event.source === name)
      .map((event) => ({ event, at: event.row.time + random(outOfOrderMs + 1) }))
      .sort((a, b) => a.at - b.at)
      .map(({ event }) => event),
  );
  const all: Event[] = [];
  for (;;) {
    const open = queues.filter((queue) => queue.length > 0);
    if (open.length === 0) return all;
    const queue = open[random(open.length)]!;
    for (let take = 1 + random(5); take > 0 && queue.length > 0; take--) all.push(queue.shift()!);
  }
}

function run(definition: ReturnType<typeof joined>, events: readonly Event[]) {
  const driver = testPipeline(definition);
  for (const { source: name, row } of events) driver.pipe(name, row);
  for (const name of Object.keys(sources)) driver.advanceWatermark(name, 1_000_000);
  expect(driver.late()).toEqual([]);
  const sorted = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  const windows = driver.rows('per_user').map(({ user, windowStart, pairs, paid, state }) => {
    expect(state).toBe('final');
    return { user, windowStart, pairs, paid };
  });
  return { pairs: sorted(driver.rows('pairs')), windows: sorted(windows) };
}

type Row = Event['row'];

/** Every pair that is one, by looking at all of them. */
function naive(
  events: readonly Event[],
  join: { type: string; isPair: (order: Row, payment: Row) => boolean },
) {
  const of = (name: string) => events.filter((event) => event.source === name).map(({ row }) => row);
  const [orders, payments] = [of('orders'), of('payments')];
  const isPair = (order: Row, payment: Row) =>
    order.user !== null && order.user === payment.user && join.isPair(order, payment);
  const pairs: { order: Row | null; payment: Row | null }[] = orders.flatMap((order) =>
    payments.filter((payment) => isPair(order, payment)).map((payment) => ({ order, payment })),
  );
  if (join.type !== 'inner')
    for (const order of orders)
      if (!payments.some((payment) => isPair(order, payment))) pairs.push({ order, payment: null });
  if (join.type === 'outer')
    for (const payment of payments)
      if (!orders.some((order) => isPair(order, payment))) pairs.push({ order: null, payment });
  const rows = pairs.map(({ order, payment }) => ({
    user: (order ?? payment)!.user,
    amount: order?.['amount'] ?? null,
    paid: payment?.['paid'] ?? null,
    eventTime: Math.max(order?.time ?? -Infinity, payment?.time ?? -Infinity),
  }));
  return rows.filter(({ user }) => user !== null);
}

function windowsOf(rows: ReturnType<typeof naive>) {
  const windows = new Map<string, { user: unknown; windowStart: number; pairs: number; paid: number }>();
  for (const { user, eventTime, paid } of rows) {
    const windowStart = Math.floor(eventTime / 50) * 50;
    const key = `${user} ${windowStart}`;
    const cell = windows.get(key) ?? { user, windowStart, pairs: 0, paid: 0 };
    windows.set(key, { ...cell, pairs: cell.pairs + 1, paid: cell.paid + Number(paid ?? 0) });
  }
  return [...windows.values()].map((row) => JSON.stringify(row)).sort();
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1);

group('a stream join', () => {
  it.each(['inner', 'left', 'outer'] as const)(
    'of type %s gives what looking at all pairs gives, for any arrival within bounds and any interleaving',
    (type) => {
      for (const seed of seeds) {
        const random = randomOf(seed);
        const [beforeMs, afterMs] = [random(60), random(60)];
        const events = randomEvents(random);
        const definition = joined({ left: 'orders', right: 'payments', type, beforeMs, afterMs });
        const expected = naive(events, {
          type,
          isPair: (order, payment) =>
            payment.time >= order.time - beforeMs && payment.time <= order.time + afterMs,
        });
        const got = run(definition, arrival(events, random));
        const pairs = expected.map((row) => JSON.stringify(row)).sort();
        expect({ seed, ...got }).toEqual({ seed, pairs, windows: windowsOf(expected) });
      }
    },
  );

  it('sets rows aside that come when no partner can be held any more, by their own event time', () => {
    const driver = testPipeline(
      joined({ left: 'orders', right: 'payments', type: 'inner', beforeMs: 0, afterMs: 30, graceMs: 5 }),
    );
    driver.pipe('orders', { time: 1_000, user: 'a', amount: 1 });
    driver.pipe('orders', { time: 945, user: 'a', amount: 2 });
    driver.pipe('orders', { time: 944, user: 'a', amount: 3 });
    expect(driver.late()).toEqual([
      {
        code: 'STREAMS_LATE',
        reason: 'no partner of it in join "paid_orders" can still be held',
        view: 'paid_orders',
        timeMs: 944,
        watermark: 980,
        latenessMs: 36,
        source: 'orders',
        row: { time: 944, user: 'a', amount: 3 },
      },
    ]);
    driver.pipe('payments', { time: 970, user: 'a', paid: 7 });
    expect(driver.rows('pairs')).toEqual([{ user: 'a', amount: 2, paid: 7, eventTime: 970 }]);
  });

  it('takes rows of each side for which its condition is true, and lets null keys find nobody', () => {
    const driver = testPipeline(
      joined({
        ...{ left: 'orders', right: 'payments', type: 'left', beforeMs: 10, afterMs: 10 },
        where: { orders: neq(field('amount'), 5), payments: eq(field('paid'), 1) },
      }),
    );
    driver.pipe('orders', { time: 0, user: 'a', amount: 5 });
    driver.pipe('orders', { time: 0, user: 'b', amount: 6 });
    driver.pipe('payments', { time: 0, user: 'b', paid: 2 });
    driver.pipe('payments', { time: 0, user: null, paid: 1 });
    driver.advanceWatermark('orders', 100);
    driver.advanceWatermark('payments', 100);
    expect(driver.rows('pairs')).toEqual([{ user: 'b', amount: 6, paid: null, eventTime: 0 }]);
    driver.pipe('orders', { time: 100, user: null, amount: 7 });
    // The view wants a key; the join has none for it.
    expect(driver.rejected().map(({ code, view }) => [code, view])).toEqual([
      ['STREAMS_NULL_KEY', 'pairs'],
      ['STREAMS_NULL_KEY', 'per_user'],
    ]);
  });
});

group('rows of a join that give nothing', () => {
  it('do not move event time, which comes beside them: others may be earlier', () => {
    const window = tumbling({ sizeMs: 10 });
    const driver = testPipeline(
      definePipeline({
        name: 'shop',
        sources,
        joins: {
          pairs: {
            ...{ left: 'orders', right: 'payments', on: ['user'], type: 'inner' },
            ...{ beforeMs: 0, afterMs: 10 },
          },
          known: { stream: 'pairs', globalTable: 'refunds', on: ['user'], type: 'inner' },
        },
        views: {
          large: {
            ...{ from: 'pairs', where: neq(field('orders.amount'), 0), by: ['user'], window },
            select: { pairs: count() },
          },
          refunded: { from: 'known', by: ['user'], window, select: { pairs: count() } },
        },
      }),
    );
    driver.pipe('refunds', { time: 0, user: 'early', back: 1 });
    const pair = (time: number, user: string, amount: number) => {
      driver.pipe('orders', { time, user, amount });
      driver.pipe('payments', { time, user, paid: amount });
    };
    pair(40, 'later', 0);
    pair(25, 'early', 1);
    expect(driver.late()).toEqual([]);
    for (const name of ['orders', 'payments']) driver.advanceWatermark(name, 1_000);
    for (const view of ['large', 'refunded'])
      expect(driver.rows(view)).toMatchObject([{ user: 'early', windowStart: 20, pairs: 1 }]);
  });
});

group('a table join', () => {
  it.each(['inner', 'left'] as const)(
    'of type %s gives each row the entry that stood at its time, for any arrival and interleaving',
    (type) => {
      for (const seed of seeds) {
        const random = randomOf(seed);
        // Of entries at one time the later arrival stands, which is another one in each order.
        const scaled: Event[] = randomEvents(random).map(({ source: name, row }, n) => ({
          source: name,
          row: { ...row, time: row.time * 100 + n },
        }));
        const definition = joined({ stream: 'orders', table: 'payments', type, historyMs: random(2) * 30 });
        const payments = scaled.filter((event) => event.source === 'payments').map(({ row }) => row);
        const standing = (order: Row) =>
          payments
            .filter(({ user, time }) => user === order.user && time <= order.time)
            .sort((a, b) => b.time - a.time)[0];
        const expected = naive(scaled, { type, isPair: (order, payment) => standing(order) === payment }).map(
          (row) => ({
            ...row,
            eventTime: scaled.find(
              (event) => event.source === 'orders' && event.row['amount'] === row.amount,
            )!.row.time,
          }),
        );
        const got = run(definition, arrival(scaled, random));
        const pairs = expected.map((row) => JSON.stringify(row)).sort();
        expect({ seed, ...got }).toEqual({ seed, pairs, windows: windowsOf(expected) });
      }
    },
  );
});

group('a join of joins', () => {
  const definition = definePipeline({
    name: 'shop',
    sources,
    joins: {
      paid_orders: {
        left: 'orders',
        right: 'payments',
        on: ['user'],
        type: 'inner',
        beforeMs: 0,
        afterMs: 50,
      },
      refunded: {
        left: 'refunds',
        right: 'paid_orders',
        on: ['user'],
        type: 'left',
        beforeMs: 100,
        afterMs: 0,
      },
    },
    views: {
      refunds_seen: {
        from: 'refunded',
        derive: {
          back: field('refunds.back'),
          amount: field('paid_orders.orders.amount'),
          paid: field('paid_orders.payments.paid'),
        },
        by: ['user', 'eventTime'],
        columns: ['back', 'amount', 'paid'],
      },
      paid: { from: 'orders', window: tumbling({ sizeMs: 100 }), select: { orders: count() } },
      per_user: {
        from: 'refunded',
        window: tumbling({ sizeMs: 1_000 }),
        select: { rows: count() },
      },
    },
  });

  it('finds the same rows in any order', () => {
    for (const seed of seeds) {
      const random = randomOf(seed);
      const events = randomEvents(random);
      const results = [0, 1].map(() => {
        const driver = testPipeline(definition);
        for (const { source: name, row } of arrival(events, random)) driver.pipe(name, row);
        for (const name of Object.keys(sources)) driver.advanceWatermark(name, 1_000_000);
        return driver
          .rows('refunds_seen')
          .map((row) => JSON.stringify(row))
          .sort();
      });
      const pairs = naive(events, {
        type: 'inner',
        isPair: (order, payment) => payment.time >= order.time && payment.time <= order.time + 50,
      });
      const expected = events
        .filter(({ source: name, row }) => name === 'refunds' && row.user !== null)
        .flatMap(({ row: { user, time, back } }) => {
          const found = pairs.filter(
            (pair) => pair.user === user && pair.eventTime >= time - 100 && pair.eventTime <= time,
          );
          const none = [{ amount: null, paid: null }];
          return (found.length > 0 ? found : none).map(({ amount, paid }) => ({
            ...{ user, eventTime: time, back, amount, paid },
          }));
        })
        .map((row) => JSON.stringify(row))
        .sort();
      expect({ seed, rows: results[0] }).toEqual({ seed, rows: expected });
      expect({ seed, rows: results[1] }).toEqual({ seed, rows: expected });
    }
  });

  it('is drawn as one stage that reads all topics', () => {
    expect(describe(definition)).toBe(`pipeline shop
  stage 0 orders: reads orders, payments, refunds
    paid_orders: inner join of orders with payments on user (beforeMs 0, afterMs 50, graceMs 0)
    refunded: left join of refunds with paid_orders on user (beforeMs 100, afterMs 0, graceMs 0)
    combine orders · by (one group) · tumbling(sizeMs 100) -> shop.paid.repartition
    combine joined refunded · by (one group) · tumbling(sizeMs 1000) -> shop.per_user.repartition
    rows joined refunded · derive back, amount, paid · by user, eventTime -> shop.refunds_seen
  stage 1 paid: reads shop.paid.repartition
    merge partial windows tumbling(sizeMs 100) -> shop.paid
  stage 2 per_user: reads shop.per_user.repartition
    merge partial windows tumbling(sizeMs 1000) -> shop.per_user`);
  });
});
