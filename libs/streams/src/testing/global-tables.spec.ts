import { describe, expect, it } from '@jest/globals';
import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline, describe as draw, eq, field, topologyOf, validateDefinition } from '../index.ts';
import type { GlobalJoinDefinition, PipelineDefinition } from '../index.ts';
import { testPipeline } from './test-pipeline.ts';

const Order = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'user', type: 'string' },
    { name: 'product', type: ['null', 'string'] },
    { name: 'n', type: 'long' },
  ],
} as const;
const Product = {
  type: 'record',
  name: 'Product',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'group', type: 'string' },
    { name: 'sold', type: 'boolean' },
  ],
} as const;

const pipeline = (join: Partial<GlobalJoinDefinition> = {}) =>
  definePipeline({
    name: 'shop',
    sources: {
      orders: { topic: 'orders', schema: Order, partitionedBy: ['user'] },
      products: { topic: 'products', schema: Product },
    },
    joins: {
      known: {
        stream: 'orders',
        globalTable: 'products',
        on: ['product'],
        key: ['id'],
        type: 'left',
        ...join,
      } as GlobalJoinDefinition,
    },
    views: {
      per_group: {
        from: 'known',
        derive: { group: field('products.group') },
        where: eq(field('products.sold'), true),
        by: ['group'],
        window: tumbling({ sizeMs: 1_000 }),
        select: { orders: count() },
      },
      per_user: {
        from: 'known',
        derive: { user: field('orders.user'), n: field('orders.n') },
        by: ['user'],
        window: tumbling({ sizeMs: 1_000 }),
        select: { orders: count(), n: sum('n') },
      },
      rows: {
        from: 'known',
        derive: { n: field('orders.n'), group: field('products.group') },
        by: ['n'],
        columns: ['group', 'product', 'eventTime'],
      },
    },
  });
const order = (n: number, product: string | null, time = n) => ({ time, user: 'u', product, n });
const product = (id: string, group: string, sold = true) => ({ id, group, sold });

describe('a global table', () => {
  it('is joined as it is when a row comes, by any field', () => {
    const driver = testPipeline(pipeline());
    driver.pipe('orders', order(1, 'p1'));
    driver.pipe('products', product('p1', 'a'));
    driver.pipe('products', product('p2', 'b', false));
    driver.pipe('orders', order(2, 'p1'));
    driver.pipe('orders', order(3, 'p2'));
    driver.pipe('products', product('p1', 'c'));
    driver.pipe('orders', order(4, 'p1'));
    driver.pipe('orders', order(5, null));
    expect(driver.rows('rows')).toEqual([
      { n: 1, group: null, product: 'p1', eventTime: 1 },
      { n: 2, group: 'a', product: 'p1', eventTime: 2 },
      { n: 3, group: 'b', product: 'p2', eventTime: 3 },
      { n: 4, group: 'c', product: 'p1', eventTime: 4 },
      { n: 5, group: null, product: null, eventTime: 5 },
    ]);
    driver.advanceWatermark('orders', 1_000);
    const groups = driver.rows('per_group').map(({ group, orders }) => [group, orders]);
    expect(groups.sort()).toEqual([
      ['a', 1],
      ['c', 1],
    ]);
    expect(driver.rows('per_user')).toMatchObject([{ user: 'u', orders: 5, n: 15, state: 'final' }]);
  });

  it('lets only rows with a partner through an inner join, and event time with all', () => {
    const driver = testPipeline(pipeline({ type: 'inner', where: { products: eq(field('sold'), true) } }));
    driver.pipeAll('products', [product('p1', 'a'), product('p2', 'b', false)]);
    driver.pipeAll('orders', [order(1, 'p1'), order(2, 'p2'), order(3, 'p3'), order(4, null, 2_000)]);
    expect(driver.rows('rows').map(({ n }) => n)).toEqual([1]);
    expect(driver.rows('per_user')).toMatchObject([{ orders: 1, state: 'final' }]);
    // Not sold any more: the row that was there goes.
    driver.pipe('products', product('p1', 'a', false));
    driver.pipe('orders', order(6, 'p1', 2_100));
    expect(driver.rows('rows')).toEqual([]);
  });

  it('sets aside rows that lack the field by which they are found', () => {
    const driver = testPipeline(pipeline());
    driver.pipe('products', { id: null, group: 'a', sold: true });
    expect(driver.rejected()).toMatchObject([{ source: 'products', code: 'STREAMS_NULL_KEY' }]);
  });

  it('is no source of tasks: it needs neither event time nor partitioning, and is drawn as what it is', () => {
    const topology = topologyOf(pipeline());
    expect(topology.globalTables).toEqual([{ source: 'products', topic: 'products' }]);
    expect(topology.stages.map(({ topics }) => topics)).toEqual([['orders'], ['shop.per_group.repartition']]);
    expect(topology.stages[0]).toMatchObject({ windows: ['per_user'], partials: ['per_group'] });
    expect(draw(pipeline())).toContain('global table products: every instance reads all of products');
    expect(draw(pipeline())).toContain(
      'known: left join of orders with global table products on product = id (as of its processing)',
    );
    expect(draw(pipeline(), 'mermaid')).toMatch(/n\d+\[\("products"\)\]\n {2}n\d+ -\. whole \.-> n\d+/);
  });

  it.each([
    [{ key: ['id', 'group'] }, /joins\.known\.key: names 2 fields and `on` 1/],
    [{ key: ['sku'] }, /joins\.known\.on: "products" have no field "sku"/],
    [{ key: ['sold'] }, /joins\.known\.on: "product" is string in "orders" and boolean in "products"/],
    [{ type: 'outer' as 'left' }, /joins\.known\.type: "outer" is none of inner, left/],
  ])('is refused with %j', (join, problem) => {
    expect(() => pipeline(join)).toThrow(problem);
  });

  it('is refused as anything else', () => {
    const { joins, ...rest } = structuredClone(pipeline()) as unknown as PipelineDefinition;
    const problems = (definition: Partial<PipelineDefinition>) =>
      validateDefinition({ ...rest, joins, ...definition } as PipelineDefinition).join('\n');
    const view = { from: 'products', by: ['id'], columns: ['group'] };
    expect(problems({ views: { ...rest.views, all: view } })).toMatch(
      /views\.all\.from: "products" is a global table, which is read by joins only/,
    );
    const table = { stream: 'orders', table: 'products', on: ['id'], type: 'left' } as const;
    expect(problems({ joins: { ...joins, other: table } })).toMatch(
      /joins\.other: "products" is a global table of another join/,
    );
    const late = { stream: 'known', table: 'orders', on: ['product'], type: 'left' } as const;
    expect(problems({ joins: { ...joins, other: late } })).toMatch(/ring|join with global tables last/);
  });
});
