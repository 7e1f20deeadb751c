import { describe as group, expect, it } from '@jest/globals';
import { count, max, session, sum, tumbling } from '@millrace/windowing';
import { definePipeline } from '../definition/define-pipeline.ts';
import { divide, field, gte } from '../definition/expression.ts';
import { describe } from '../topology/describe.ts';
import { testPipeline } from './test-pipeline.ts';

const schema = {
  type: 'record',
  name: 'Click',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'user', type: 'string' },
    { name: 'page', type: 'string' },
  ],
} as const;
const clicks = { topic: 'clicks', schema, outOfOrderMs: 5, partitionedBy: ['user'] } as const;
const window = tumbling({ sizeMs: 100 });

const pipeline = definePipeline({
  name: 'clicks',
  sources: { clicks },
  views: {
    per_user: {
      from: 'clicks',
      by: ['user', 'page'],
      window,
      graceMs: 50,
      emit: 'onUpdate',
      select: { views: count() },
      compute: { per_second: divide(field('views'), 0.1) },
      having: gte(field('per_second'), 20),
    },
    busy: { from: 'per_user', by: ['user'], window, select: { pages: count(), views: sum('views') } },
    busiest: { from: 'busy', window: tumbling({ sizeMs: 200 }), select: { most: max('views') } },
    alerts: { from: 'busy', by: ['user', 'windowStart'], columns: ['views'] },
    visits: { from: 'clicks', by: ['user'], window: session({ gapMs: 10 }), select: { views: count() } },
    visitors: { from: 'visits', window, select: { visits: count() } },
  },
});

const pages = (driver: ReturnType<typeof testPipeline>, user: string, ...times: number[]) =>
  driver.pipeAll(
    'clicks',
    times.map((time) => ({ time, user, page: '/' })),
  );

group('a view with having', () => {
  it('hands out the windows for which it is true, with computed columns, and takes back what stops being so', () => {
    const driver = testPipeline(pipeline);
    pages(driver, 'a', 10);
    driver.commit();
    expect(driver.rows('per_user')).toEqual([]);
    expect(driver.open('per_user')).toEqual([]);
    pages(driver, 'a', 20);
    driver.commit();
    expect(driver.rows('per_user')).toMatchObject([
      { user: 'a', views: 2, per_second: 20, state: 'filling' },
    ]);
    expect(driver.open('per_user')).toMatchObject([{ views: 2, per_second: 20 }]);
  });

  it('retracts a result that was out and is no longer wanted', () => {
    const few = definePipeline({
      name: 'few',
      sources: { clicks },
      views: {
        v: {
          ...{ from: 'clicks', by: ['user'], window, emit: 'onUpdate', select: { views: count() } },
          having: gte(divide(2, field('views')), 1),
        },
      },
    });
    const driver = testPipeline(few);
    pages(driver, 'a', 1, 2);
    driver.commit();
    pages(driver, 'a', 3);
    driver.commit();
    pages(driver, 'a', 4);
    driver.commit();
    driver.advanceWatermark('clicks', 100);
    expect(driver.rows('v').map(({ state }) => state)).toEqual(['filling', 'retracted']);
  });
});

group('a view that reads from a view', () => {
  it('gets each final result once, as it is when its grace is over', () => {
    const driver = testPipeline(pipeline);
    pages(driver, 'a', 10, 20);
    pages(driver, 'b', 30);
    driver.advanceWatermark('clicks', 149);
    pages(driver, 'b', 40);
    expect(driver.rows('busy')).toEqual([]);
    expect(driver.watermark('busy')).toBe(99);
    driver.advanceWatermark('clicks', 150);
    expect(driver.rows('busy')).toMatchObject([
      { user: 'a', windowStart: 0, pages: 1, views: 2, state: 'final', revision: 0, watermark: 100 },
      { user: 'b', windowStart: 0, pages: 1, views: 2, state: 'final', revision: 0, watermark: 100 },
    ]);
    expect(driver.rows('alerts')).toEqual([
      { user: 'a', windowStart: 0, views: 2 },
      { user: 'b', windowStart: 0, views: 2 },
    ]);
    driver.advanceWatermark('clicks', 250);
    expect(driver.rows('busiest')).toMatchObject([{ windowStart: 0, most: 2, watermark: 200 }]);
    expect(driver.late().map(({ view }) => view)).toEqual(['visits']);
  });

  it('waits for sessions one millisecond longer, for an event at its end still belongs to it', () => {
    const driver = testPipeline(pipeline);
    pages(driver, 'a', 10, 95);
    driver.advanceWatermark('clicks', 100);
    expect(driver.watermark('visitors')).toBe(99);
    driver.advanceWatermark('clicks', 101);
    expect(driver.rows('visitors')).toMatchObject([{ windowStart: 0, visits: 1, state: 'final' }]);
    driver.advanceWatermark('clicks', 201);
    expect(driver.rows('visitors')).toMatchObject([{ windowStart: 100, visits: 1 }]);
  });

  it('is drawn behind the view that it reads from, in its stage or behind a repartition', () => {
    expect(describe(pipeline)).toBe(`pipeline clicks
  stage 0 clicks: reads clicks
    by user, page · tumbling(sizeMs 100) · compute per_second · having … -> clicks.per_user
    final results of per_user · by user · tumbling(sizeMs 100) -> clicks.busy
    by user · session(gapMs 10) -> clicks.visits
    combine final results of busy · by (one group) · tumbling(sizeMs 200) -> clicks.busiest.repartition
    combine final results of visits · by (one group) · tumbling(sizeMs 100) -> clicks.visitors.repartition
    rows final results of busy · by user, windowStart -> clicks.alerts
  stage 1 busiest: reads clicks.busiest.repartition
    merge partial windows tumbling(sizeMs 200) -> clicks.busiest
  stage 2 visitors: reads clicks.visitors.repartition
    merge partial windows tumbling(sizeMs 100) -> clicks.visitors`);
  });
});
