import { describe, expect, it } from '@jest/globals';
import {
  count,
  distinct,
  globalWindow,
  max,
  mean,
  quantile,
  robustScore,
  seasonalScore,
  session,
  sum,
  topK,
  tumbling,
} from '@millrace/windowing';
import type { TypedSchema } from './avro-types.ts';
import { definePipeline } from './define-pipeline.ts';
import { divide, eq, field, gt, gte, splitPart, when } from './expression.ts';
import type { JoinDefinition, PipelineDefinition } from './pipeline-definition.ts';
import { resultsSchema } from './results-schema.ts';
import { validateDefinition } from './validate-definition.ts';
import { viewColumns, viewTable } from './view-columns.ts';

interface Click {
  event_time: number;
  page: string;
  user_id: string | null;
  load_ms: number | null;
  status: number;
  items: { sku: string; price: number }[];
}

const Click: TypedSchema<Click> = {
  type: 'record',
  name: 'Click',
  fields: [
    { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' }, eventTime: true },
    { name: 'page', type: 'string' },
    { name: 'user_id', type: ['null', 'string'] },
    { name: 'load_ms', type: ['null', 'double'], unit: 'ms' },
    { name: 'status', type: 'int' },
    {
      name: 'items',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Item',
          fields: [
            { name: 'sku', type: 'string' },
            { name: 'price', type: 'double', unit: 'eur' },
          ],
        },
      },
    },
  ],
};

const clicks = { topic: 'clicks', schema: Click, outOfOrderMs: 5_000 } as const;
const window = tumbling({ sizeMs: 60_000 });

const pipeline = definePipeline({
  name: 'click-stream',
  sources: { clicks },
  views: {
    pages: {
      from: 'clicks',
      derive: { path: splitPart(field('page'), '?', 0), error: when(gte(field('status'), 500), 1, 0) },
      where: eq(field('path'), '/'),
      by: ['path', 'status'],
      window,
      select: {
        views: count(),
        visitors: distinct('user_id'),
        p95_load_ms: quantile('load_ms', 0.95),
        error_rate: mean('error'),
        errors: sum('error'),
        slowest: max('load_ms'),
        top: topK('user_id', 3),
      },
      units: { error_rate: 'ratio' },
    },
    items: { from: 'clicks', flatten: 'items', by: ['sku'], columns: ['sku', 'price', 'page'] },
    page_log: { from: 'clicks', by: ['page'], columns: ['event_time', 'status'], time: 'event_time' },
  },
});

describe('a pipeline definition', () => {
  it('is plain data: frozen, and the same after JSON', () => {
    expect(JSON.parse(JSON.stringify(pipeline))).toEqual(pipeline);
    expect(Object.isFrozen(pipeline.views.pages.select)).toBe(true);
  });

  it.each([
    ['distinct', distinct('path'), 'long'],
    ['robustScore', robustScore('load_ms'), 'double'],
    ['seasonalScore', seasonalScore('load_ms', { seasonMs: 86_400_000, slotMs: 3_600_000 }), 'double'],
    ['max', max('load_ms'), 'double'],
    ['topK', topK('path', 3), 'json'],
  ] as const)('gives a column of %s the type of what the engine gives', (_, value, type) => {
    const pages = { ...pipeline.views.pages, select: { value } };
    const columns = viewColumns({ ...pipeline, views: { pages } } as PipelineDefinition, 'pages');
    expect(columns.find(({ name }) => name === 'value')!.type).toBe(type);
  });

  it('gives the columns of its views: keys, window, aggregates, state', () => {
    expect(viewColumns(pipeline, 'pages')).toEqual([
      { name: 'path', type: 'string', nullable: false, key: true },
      { name: 'status', type: 'long', nullable: false, key: true },
      { name: 'windowStart', type: 'timestamp', nullable: false },
      { name: 'windowEnd', type: 'timestamp', nullable: false },
      { name: 'views', type: 'long', nullable: false },
      { name: 'visitors', type: 'long', nullable: false },
      { name: 'p95_load_ms', type: 'double', nullable: true, unit: 'ms' },
      { name: 'error_rate', type: 'double', nullable: true, unit: 'ratio' },
      { name: 'errors', type: 'long', nullable: false },
      { name: 'slowest', type: 'double', nullable: true, unit: 'ms' },
      { name: 'top', type: 'json', nullable: true },
      { name: 'state', type: 'string', nullable: false },
      { name: 'revision', type: 'long', nullable: false },
      { name: 'watermark', type: 'timestamp', nullable: true },
    ]);
    expect(viewColumns(pipeline, 'items')).toEqual([
      { name: 'sku', type: 'string', nullable: false, key: true },
      { name: 'price', type: 'double', nullable: false, unit: 'eur' },
      { name: 'page', type: 'string', nullable: false },
    ]);
    expect(viewTable(pipeline, 'pages')).toMatchObject({
      name: 'pages',
      key: ['path', 'status'],
      time: 'windowStart',
    });
    expect(viewTable(pipeline, 'page_log')).toMatchObject({ key: ['page'], time: 'event_time' });
    const table = 'iot_data.pages_seen';
    const elsewhere = {
      ...pipeline,
      views: { ...pipeline.views, pages: { ...pipeline.views.pages, table } },
    };
    expect(viewTable(elsewhere, 'pages').name).toBe(table);
    expect(() => viewColumns(pipeline, 'nope')).toThrow(/no view "nope"; it has pages, items/);
  });

  it('gives the Avro schema of a results topic', () => {
    const schema = resultsSchema(pipeline, 'pages');
    expect(schema).toMatchObject({
      type: 'record',
      name: 'Pages',
      namespace: 'io.millrace.results.clickstream',
    });
    expect(schema.fields[2]).toEqual({
      name: 'windowStart',
      type: { type: 'long', logicalType: 'timestamp-millis' },
    });
    expect(schema.fields[6]).toEqual({
      name: 'p95_load_ms',
      type: ['null', 'double'],
      default: null,
      unit: 'ms',
    });
  });

  it('has columns that are computed of its results, and views that read them', () => {
    const chained = definePipeline({
      name: 'p',
      sources: { clicks },
      views: {
        pages: {
          from: 'clicks',
          by: ['page'],
          window,
          select: { views: count(), slow: max('load_ms') },
          compute: { per_second: divide(field('views'), 60), busy: gt(field('per_second'), 10) },
          having: field('busy'),
          units: { per_second: '1/s' },
        },
        busy_pages: { from: 'pages', window, select: { pages: count(), slowest: max('slow') } },
      },
    });
    expect(viewColumns(chained, 'pages').slice(5, 8)).toMatchObject([
      { name: 'per_second', type: 'double', nullable: true, unit: '1/s' },
      { name: 'busy', type: 'boolean', nullable: true },
      { name: 'state' },
    ]);
    expect(viewColumns(chained, 'busy_pages')[3]).toMatchObject({ name: 'slowest', unit: 'ms' });
  });

  it('has its field names checked by the compiler', () => {
    const view = { from: 'clicks', window, select: { n: count() } } as const;
    const wrong = [
      // @ts-expect-error -- there is no field "pages"
      () => definePipeline({ name: 'p', sources: { clicks }, views: { v: { ...view, by: ['pages'] } } }),
      () =>
        definePipeline({
          name: 'p',
          sources: { clicks },
          // @ts-expect-error -- there is no field "statuss"
          views: { v: { ...view, where: eq(field('statuss'), 1) } },
        }),
      () =>
        definePipeline({
          name: 'p',
          sources: { clicks },
          // @ts-expect-error -- there is no field "statuss"
          views: { v: { ...view, select: { n: sum('statuss') } } },
        }),
      () =>
        definePipeline({
          name: 'p',
          sources: { clicks },
          // @ts-expect-error -- results have no field "status"
          views: { v: { ...view, having: eq(field('status'), 1) } },
        }),
      () =>
        definePipeline({
          name: 'p',
          sources: { clicks },
          // @ts-expect-error -- the results of "v" have no field "status"
          views: { v: view, w: { from: 'v', by: ['status'], window, select: { n: sum('n') } } },
        }),
      // @ts-expect-error -- there is no source "click"
      () => definePipeline({ name: 'p', sources: { clicks }, views: { v: { ...view, from: 'click' } } }),
    ];
    for (const define of wrong) expect(define).toThrow(/there is no/);
  });
});

describe('a definition that cannot run', () => {
  const base: PipelineDefinition = {
    name: 'p',
    sources: { clicks },
    views: { v: { from: 'clicks', by: ['page'], window, select: { n: count() } } },
  };
  const view = (changes: object): PipelineDefinition => ({
    ...base,
    views: { v: { ...base.views['v']!, ...changes } },
  });

  const rows = (changes: object): PipelineDefinition => ({
    ...base,
    views: { v: { from: 'clicks', by: ['page'], columns: ['status'], ...changes } },
  });

  const partitioned = { ...clicks, partitionedBy: ['page'] };
  const joined = (join: object): PipelineDefinition => ({
    ...base,
    sources: { clicks: partitioned, others: { ...partitioned, topic: 'others' } },
    joins: {
      j: {
        ...{ left: 'clicks', right: 'others', on: ['page'], type: 'inner', beforeMs: 0, afterMs: 0 },
        ...join,
      } as JoinDefinition,
    },
    views: { v: { from: 'j', by: ['page'], columns: ['eventTime'] } },
  });

  const reading = (upstream: object, view: object = {}): PipelineDefinition => ({
    ...base,
    views: {
      v: { ...base.views['v']!, ...upstream },
      w: { from: 'v', by: ['page'], window, select: { n: sum('n') }, ...view },
    },
  });

  it('is fine as it stands', () => {
    expect(validateDefinition(reading({}))).toEqual([]);
    expect(validateDefinition(joined({}))).toEqual([]);
    expect(validateDefinition(base)).toEqual([]);
  });

  it.each([
    [{ ...base, name: '9x' }, /"9x" is not a name/],
    [{ ...base, sources: {} }, /sources: there are none/],
    [{ ...base, views: {} }, /views: there are none/],
    [
      { ...base, views: { v_1: base.views['v']!, V_1: base.views['v']! } },
      /differ in upper and lower case only/,
    ],
    [{ ...base, sources: { clicks: { ...clicks, eventTime: 'page' } } }, /must hold epoch milliseconds/],
    [{ ...base, sources: { clicks: { ...clicks, outOfOrderMs: -1 } } }, /-1 is not a number of milliseconds/],
    [{ ...base, sources: { clicks: { ...clicks, partitionedBy: ['x'] } } }, /there is no field "x"/],
    [
      joined({ left: 'x' }),
      /joins\.j: there is no source, join or process "x" to join; there are clicks, others, j/,
    ],
    [joined({ right: 'clicks' }), /"clicks" is joined with itself/],
    [joined({ left: 'j' }), /joins\.j: is a ring through "j"/],
    [joined({ on: [] }), /joins\.j\.on: is empty/],
    [joined({ on: ['pages'] }), /joins\.j\.on: "clicks" and "others" have no field "pages"/],
    [joined({ on: ['user_id'] }), /have the producer partition "clicks" by fields of `on` \(user_id\)/],
    [joined({ type: 'cross' }), /joins\.j\.type: "cross" is none of inner, left, outer/],
    [joined({ afterMs: -1 }), /joins\.j\.afterMs: -1 is not a number of milliseconds/],
    [joined({ where: { x: eq(field('page'), '/') } }), /joins\.j\.where: "x" is no side of the join/],
    [joined({ where: { clicks: field('page') } }), /joins\.j\.where: is not a condition/],
    [
      { ...base, sources: { clicks, again: clicks } },
      /sources\.again\.topic: "clicks" is that of "clicks" too: let all views read one source/,
    ],
    [view({ from: 'x' }), /no source, join, process or view "x"; there are clicks/],
    [view({ from: 'v' }), /views\.v\.from: v reads v is a ring/],
    [reading({ from: 'w' }, { from: 'v' }), /views\.v\.from: v reads w reads v is a ring/],
    [reading({ window: globalWindow() }), /global window, whose results have no event time/],
    [
      reading({}, { by: ['status'] }),
      /views\.w\.by: there is no field "status"; there are page, windowStart/,
    ],
    [
      reading({}, { flatten: 'n' }),
      /"v" is not a source: only fields of sources and of what own code returns/,
    ],
    [
      { ...base, views: { ...rows({}).views, w: { ...base.views['v']!, from: 'v' } } },
      /view "v" has no window, so that no row of it is final: read "clicks"/,
    ],
    [
      rows({ having: eq(field('page'), '/') }),
      /having: a view without window has no such setting; it has from, flatten, derive/,
    ],
    [view({ having: field('n') }), /having: is not a condition/],
    [
      view({ having: eq(field('status'), 1) }),
      /no field "status"; there are page, windowStart, windowEnd, n/,
    ],
    [view({ compute: { a: field('b'), b: field('n') } }), /compute\.a: there is no field "b"/],
    [view({ compute: { n: field('page') } }), /compute\.n: the name is taken by another column/],
    [view({ by: ['x'] }), /views\.v\.by: there is no field "x"; there are event_time, page/],
    [view({ by: ['load_ms'] }), /double, which is no key/],
    [view({ window: tumbling({ sizeMs: 0 }) }), /sizeMs/],
    [view({ window: { type: 'weekly' } }), /views\.v\.window/],
    [view({ window: session({ gapMs: 5 }) }), /session windows need all records of a key in one partition/],
    [view({ select: {} }), /selects nothing/],
    [view({ select: { state: count() } }), /taken by another column/],
    [view({ select: { n: sum('x') } }), /there is no field "x"/],
    [view({ select: { n: { type: 'median', of: 'page' } } }), /median/],
    [view({ select: { n: sum((row: Click) => row.status) } }), /not data: name a field/],
    [view({ emit: 'sometimes' }), /neither "onClose" nor "onUpdate"/],
    [view({ where: field('page') }), /is not a condition/],
    [view({ derive: { a: field('b'), b: field('page') } }), /derive\.a: there is no field "b"/],
    [view({ table: 'a.b.c' }), /views\.v\.table: "a\.b\.c" is no table/],
    [view({ flatten: 'page' }), /not an array of records/],
    [rows({ time: 'event_time' }), /time: "event_time" is none of the columns status/],
    [rows({ time: 'status' }), /"status" is long; it must always hold a timestamp/],
    [rows({ by: ['event_time'], columns: ['event_time'], time: 'event_time' }), /is in `by` too/],
    [view({ graceMs: 1.5 }), /1\.5 is not a number of milliseconds/],
  ])('says why (%#)', (definition, problem) => {
    expect(validateDefinition(definition as PipelineDefinition).join('\n')).toMatch(problem);
  });
});
