import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline, divide, field, gte } from '../../src/index.ts';
import { partitionCount, startMs } from './clicks.ts';

const schema = (name: string) =>
  ({
    type: 'record',
    name,
    fields: [
      { name: 'time', type: 'long', eventTime: true },
      { name: 'user', type: 'string' },
      { name: 'product', type: 'string' },
      { name: 'id', type: 'long' },
    ],
  }) as const;

export const reachMs = 1_000;
const window = tumbling({ sizeMs: 1_000 });

/** Orders and payments joined: pairs, windows where they lie, windows behind a repartition, windows of those windows. */
export const ordersPipeline = (name: string) => {
  const source = (topic: string) =>
    ({
      topic: `${name}-${topic}`,
      schema: schema(topic),
      outOfOrderMs: 100,
      partitionedBy: ['user'],
      idleAfterMs: 60_000,
    }) as const;
  return definePipeline({
    name,
    sources: { orders: source('orders'), payments: source('payments') },
    joins: {
      paid: {
        ...{ left: 'orders', right: 'payments', on: ['user'], type: 'left' },
        ...{ beforeMs: 0, afterMs: reachMs },
      },
    },
    views: {
      pairs: {
        from: 'paid',
        derive: { order: field('orders.id'), payment: field('payments.id') },
        by: ['order', 'eventTime'],
        columns: ['payment', 'user'],
      },
      per_user: { from: 'paid', by: ['user'], window, select: { rows: count() } },
      per_product: {
        from: 'paid',
        derive: { product: field('orders.product') },
        by: ['product'],
        window,
        graceMs: 500,
        select: { rows: count() },
      },
      busy_products: {
        from: 'per_product',
        window: tumbling({ sizeMs: 5_000 }),
        select: { products: count(), rows: sum('rows') },
        compute: { mean_rows: divide(field('rows'), field('products')) },
        having: gte(field('mean_rows'), 2),
      },
    },
  });
};

export interface OrderEvent {
  readonly source: 'orders' | 'payments';
  readonly partition: number;
  readonly row: {
    readonly time: number;
    readonly user: string;
    readonly product: string;
    readonly id: number;
  };
}

/** The n-th order, and its payment where there is one; ids in order of time, users spread over the partitions. */
export function orderEvents(n: number): OrderEvent[] {
  const user = (n * 7) % 40;
  const partition = user % partitionCount;
  const row = { user: `u${user}`, product: `p${(n * 3) % 5}`, id: n };
  const time = startMs + n * 20;
  const order: OrderEvent = { source: 'orders', partition, row: { ...row, time } };
  if (n % 3 === 0) return [order];
  // Different for each payment, so that a pair is known by its order and its time.
  return [order, { source: 'payments', partition, row: { ...row, time: time + 7 + (n % 50) * 20 } }];
}

/** One event of each source and partition far behind all others; nobody joins them. */
export const lastOrders = (n: number): OrderEvent[] =>
  Array.from({ length: partitionCount }, (_, partition) => partition).flatMap((partition) =>
    (['orders', 'payments'] as const).map((source) => ({
      source,
      partition,
      row: {
        time: startMs + n * 20 + 3_600_000,
        user: `last-${source}-${partition}`,
        product: 'none',
        id: -1,
      },
    })),
  );

export interface JoinedOrder {
  readonly user: string;
  readonly product: string;
  readonly order: number;
  readonly payment: number | null;
  readonly eventTime: number;
}

/** Every joined row, by looking at all pairs of a user. */
export function joinedRows(events: readonly OrderEvent[]): JoinedOrder[] {
  const of = (source: string) => events.filter((event) => event.source === source).map(({ row }) => row);
  const payments = Map.groupBy(of('payments'), ({ user }) => user);
  return of('orders').flatMap(({ time, user, product, id }): JoinedOrder[] => {
    const found = (payments.get(user) ?? []).filter(
      (payment) => payment.time >= time && payment.time <= time + reachMs,
    );
    const row = { user, product, order: id };
    if (found.length === 0) return [{ ...row, payment: null, eventTime: time }];
    return found.map((payment) => ({ ...row, payment: payment.id, eventTime: payment.time }));
  });
}
