import { describe, expect, it } from '@jest/globals';
import { count, sum, tumbling } from '@millrace/windowing';
import type { Row } from '../definition/compile-expression.ts';
import { definePipeline } from '../definition/define-pipeline.ts';
import { field, gt, when } from '../definition/expression.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { testPipeline } from './test-pipeline.ts';
import type { PipelineDriver } from './test-pipeline.ts';

const schema = (name: string, ...numbers: string[]) =>
  ({
    type: 'record',
    name,
    fields: [
      { name: 'time', type: 'long', eventTime: true },
      { name: 'user', type: ['null', 'string'] },
      ...numbers.map((field) => ({ name: field, type: 'long' as const })),
    ],
  }) as const;
const source = (name: string, ...numbers: string[]) =>
  ({ topic: name, schema: schema(name, ...numbers), partitionedBy: ['user'] }) as const;

const traceOf = (n: number, flags = '01') => ({
  traceparent: `00-${String(n).padStart(32, '0')}-b7ad6b7169203331-${flags}`,
  tracestate: `n=${n}`,
});
const unsampled = (n: number) => traceOf(n, '00');
/** What a view's results carry, by what of them tells them apart. */
const carried = (driver: PipelineDriver, view: string, name: string) =>
  driver.tracedRows(view).map(({ row, trace }) => [row[name], trace?.tracestate]);

const joined = (join: Record<string, unknown>) =>
  definePipeline({
    name: 'shop',
    sources: {
      orders: source('orders', 'amount'),
      payments: source('payments', 'paid'),
      parcels: source('parcels', 'weight'),
    },
    joins: {
      settled: { on: ['user'], ...join },
      sent: { left: 'settled', right: 'parcels', on: ['user'], type: 'inner', beforeMs: 100, afterMs: 100 },
    },
    views: {
      pairs: { from: 'settled', by: ['user'], columns: ['eventTime'] },
      per_user: {
        from: 'settled',
        by: ['user'],
        window: tumbling({ sizeMs: 1_000 }),
        select: { pairs: count() },
      },
      triples: { from: 'sent', by: ['user'], columns: ['eventTime'] },
    },
  } as unknown as PipelineDefinition);
const interval = (type: string) =>
  joined({ left: 'orders', right: 'payments', type, beforeMs: 50, afterMs: 50 });
const passAll = (driver: PipelineDriver, watermark: number) => {
  for (const name of ['orders', 'payments', 'parcels']) driver.advanceWatermark(name, watermark);
};

describe('trace contexts through joins', () => {
  it('are those of the record that completed the pair, or of its partner where that one has none', () => {
    const driver = testPipeline(interval('inner'));
    driver.pipe('orders', { time: 10, user: 'both', amount: 1 }, traceOf(1));
    driver.pipe('payments', { time: 11, user: 'both', paid: 1 }, traceOf(2));
    driver.pipe('payments', { time: 12, user: 'right first', paid: 1 }, traceOf(3));
    driver.pipe('orders', { time: 13, user: 'right first', amount: 1 }, traceOf(4));
    driver.pipe('orders', { time: 14, user: 'partner', amount: 1 }, traceOf(5));
    driver.pipe('payments', { time: 15, user: 'partner', paid: 1 });
    driver.pipe('orders', { time: 16, user: 'sampled', amount: 1 }, traceOf(6));
    driver.pipe('payments', { time: 17, user: 'sampled', paid: 1 }, unsampled(7));
    driver.pipe('orders', { time: 18, user: 'none', amount: 1 });
    driver.pipe('payments', { time: 19, user: 'none', paid: 1 });
    passAll(driver, 2_000);
    const expected = [
      ['both', 'n=2'],
      ['right first', 'n=4'],
      ['partner', 'n=5'],
      ['sampled', 'n=6'],
      ['none', undefined],
    ];
    expect(carried(driver, 'pairs', 'user')).toEqual(expected);
    expect(carried(driver, 'per_user', 'user').sort()).toEqual(expected.sort());
  });

  it('are those of a row that found no partner, not of the record that moved event time past it', () => {
    const driver = testPipeline(interval('outer'));
    driver.pipe('orders', { time: 10, user: 'left', amount: 1 }, traceOf(1));
    driver.pipe('payments', { time: 11, user: 'right', paid: 1 }, traceOf(2));
    driver.pipe('orders', { time: 12, user: null, amount: 1 }, traceOf(3));
    driver.pipe('orders', { time: 13, user: 'untraced', amount: 1 });
    driver.pipe('orders', { time: 5_000, user: 'later', amount: 1 }, traceOf(4));
    driver.pipe('payments', { time: 5_000, user: 'later', paid: 1 }, traceOf(5));
    expect(carried(driver, 'pairs', 'user').sort()).toEqual([
      ['later', 'n=5'],
      ['left', 'n=1'],
      ['right', 'n=2'],
      ['untraced', undefined],
    ]);
    expect(driver.rejected().map(({ row }) => row)).toEqual([
      { user: null, eventTime: 12, orders: { user: null }, payments: null },
      { user: null, eventTime: 12, orders: { user: null }, payments: null },
    ]);
  });

  it('are those of a row that waited for its table, or of the entry', () => {
    const driver = testPipeline(joined({ stream: 'orders', table: 'payments', type: 'left' }));
    driver.pipe('payments', { time: 1, user: 'entry', paid: 1 }, traceOf(1));
    driver.pipe('orders', { time: 2, user: 'entry', amount: 1 });
    driver.pipe('payments', { time: 3, user: 'row', paid: 1 }, traceOf(2));
    driver.pipe('orders', { time: 4, user: 'row', amount: 1 }, traceOf(3));
    driver.pipe('payments', { time: 100, user: 'later', paid: 1 }, traceOf(4));
    driver.pipe('orders', { time: 100, user: 'later', amount: 1 }, traceOf(5));
    expect(carried(driver, 'pairs', 'user')).toEqual([
      ['entry', 'n=1'],
      ['row', 'n=3'],
    ]);
  });

  it('go on through a join of a join', () => {
    const driver = testPipeline(interval('inner'));
    driver.pipe('orders', { time: 10, user: 'a', amount: 1 });
    driver.pipe('payments', { time: 11, user: 'a', paid: 1 }, traceOf(1));
    driver.pipe('parcels', { time: 12, user: 'a', weight: 1 });
    driver.pipe('parcels', { time: 13, user: 'b', weight: 1 });
    driver.pipe('orders', { time: 14, user: 'b', amount: 1 });
    driver.pipe('payments', { time: 15, user: 'b', paid: 1 }, traceOf(2));
    expect(carried(driver, 'triples', 'user')).toEqual([
      ['a', 'n=1'],
      ['b', 'n=2'],
    ]);
  });

  it('go on through a join with a global table', () => {
    const driver = testPipeline(
      definePipeline({
        name: 'shop',
        sources: {
          orders: source('orders', 'amount'),
          users: {
            topic: 'users',
            schema: {
              type: 'record',
              name: 'User',
              fields: [
                { name: 'id', type: 'string' },
                { name: 'city', type: 'string' },
              ],
            },
          },
        },
        joins: {
          placed: { stream: 'orders', globalTable: 'users', on: ['user'], key: ['id'], type: 'inner' },
        },
        views: {
          per_city: {
            from: 'placed',
            derive: { city: field('users.city') },
            by: ['city'],
            window: tumbling({ sizeMs: 100 }),
            select: { orders: count() },
          },
        },
      }),
    );
    driver.pipe('users', { id: 'a', city: 'Rome' }, traceOf(1));
    driver.pipe('orders', { time: 1, user: 'a', amount: 1 }, traceOf(2));
    driver.pipe('orders', { time: 2, user: 'a', amount: 1 });
    driver.advanceWatermark('orders', 100);
    expect(carried(driver, 'per_city', 'city')).toEqual([['Rome', 'n=2']]);
  });
});

describe('trace contexts through own code', () => {
  it('are those of the record that it was given, for each row that came of it', () => {
    const Half = {
      type: 'record',
      name: 'Half',
      fields: [
        { name: 'half', type: 'string' },
        { name: 'share', type: 'double' },
      ],
    } as const;
    const driver = testPipeline(
      definePipeline({
        name: 'shop',
        sources: { orders: source('orders', 'amount') },
        processes: {
          halves: {
            from: 'orders',
            module: 'data:text/javascript,',
            export: 'halves',
            returns: Half,
            version: 1,
          },
        },
        views: {
          log: { from: 'halves', by: ['half'], columns: ['share'] },
          per_half: {
            from: 'halves',
            by: ['half'],
            window: tumbling({ sizeMs: 100 }),
            select: { share: sum('share') },
          },
        },
      }),
      {
        ownCodes: {
          halves: ({ amount }: Row) =>
            ['first', 'second'].map((half) => ({ half, share: Number(amount) / 2 })),
        },
      },
    );
    driver.pipe('orders', { time: 1, user: 'a', amount: 1 }, traceOf(1));
    driver.pipe('orders', { time: 2, user: 'a', amount: 1 });
    driver.advanceWatermark('orders', 100);
    expect(carried(driver, 'log', 'half')).toEqual([
      ['first', 'n=1'],
      ['second', 'n=1'],
      ['first', undefined],
      ['second', undefined],
    ]);
    expect(carried(driver, 'per_half', 'half').sort()).toEqual([
      ['first', 'n=1'],
      ['second', 'n=1'],
    ]);
  });
});

describe.each([0, 50])('trace contexts through views of views, with a grace of %i ms', (graceMs) => {
  const definition = definePipeline({
    name: 'shop',
    sources: { orders: source('orders', 'amount') },
    views: {
      per_second: {
        from: 'orders',
        by: ['user'],
        window: tumbling({ sizeMs: 1_000 }),
        graceMs,
        select: { orders: count(), amount: sum('amount') },
      },
      log: { from: 'per_second', by: ['user'], columns: ['windowStart', 'orders'] },
      crowds: {
        from: 'per_second',
        derive: { crowd: when(gt(field('orders'), 100), 'crowd') },
        by: ['crowd'],
        columns: ['orders'],
      },
      per_minute: {
        from: 'per_second',
        by: ['user'],
        window: tumbling({ sizeMs: 60_000 }),
        select: { amount: sum('amount') },
      },
    },
  });

  it('are those of the window that was read, not of the record that closed it', () => {
    const driver = testPipeline(definition);
    driver.pipe('orders', { time: 10, user: 'a', amount: 1 }, traceOf(1));
    driver.pipe('orders', { time: 20, user: 'a', amount: 1 }, traceOf(2));
    driver.pipe('orders', { time: 30, user: 'b', amount: 1 });
    driver.pipe('orders', { time: 5_000, user: 'c', amount: 1 }, traceOf(3));
    driver.pipe('orders', { time: 130_000, user: 'd', amount: 1 }, traceOf(4));
    const expected = [
      ['a', 'n=2'],
      ['b', undefined],
      ['c', 'n=3'],
    ];
    expect(carried(driver, 'per_second', 'user').sort()).toEqual(expected);
    expect(carried(driver, 'log', 'user').sort()).toEqual(expected);
    expect(carried(driver, 'per_minute', 'user').sort()).toEqual(expected);
  });

  it('are not in what is set aside', () => {
    const driver = testPipeline(definition);
    driver.pipe('orders', { time: 10, user: 'a', amount: 1 }, traceOf(1));
    driver.pipe('orders', { time: 130_000, user: 'a', amount: 1 }, traceOf(2));
    const [{ row }] = driver.rejected() as unknown as [{ row: Row }];
    expect(row).toMatchObject({ user: 'a', windowStart: 0, orders: 1, amount: 1 });
    expect(Object.keys(row).filter((name) => /trace/.test(name))).toEqual([]);
  });
});
