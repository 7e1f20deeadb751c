import { describe, expect, it } from '@jest/globals';
import { count, sum, tumbling } from '@millrace/windowing';
import { definePipeline } from '../definition/define-pipeline.ts';
import { eq, field } from '../definition/expression.ts';
import { testPipeline } from './test-pipeline.ts';

const schema = {
  type: 'record',
  name: 'Click',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'type', type: 'string' },
    { name: 'page', type: ['null', 'string'] },
    {
      name: 'items',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'I',
          fields: [
            { name: 'sku', type: 'string' },
            { name: 'price', type: 'int' },
          ],
        },
      },
    },
  ],
} as const;

const pipeline = definePipeline({
  name: 'clicks',
  sources: { clicks: { topic: 'clicks', schema, outOfOrderMs: 5, maxFutureMs: 10_000 } },
  views: {
    pages: {
      from: 'clicks',
      where: eq(field('type'), 'view'),
      by: ['page'],
      window: tumbling({ sizeMs: 100 }),
      graceMs: 50,
      emit: 'onUpdate',
      select: { views: count() },
    },
    sold: {
      from: 'clicks',
      flatten: 'items',
      by: ['sku'],
      window: tumbling({ sizeMs: 100 }),
      select: { paid: sum('price') },
    },
    raw: { from: 'clicks', by: ['page'], columns: ['time'] },
  },
});

const view = (time: number, page: string | null = '/') => ({ time, type: 'view', page, items: [] });

describe('the test driver', () => {
  it('hands out what a commit would, then the final result, then revisions within grace', () => {
    const driver = testPipeline(pipeline);
    driver.pipe('clicks', view(10));
    driver.commit();
    expect(driver.rows('pages')).toEqual([
      { page: '/', windowStart: 0, windowEnd: 100, views: 1, state: 'filling', revision: 0, watermark: 5 },
    ]);
    driver.advanceWatermark('clicks', 100);
    expect(driver.rows('pages')).toMatchObject([{ page: '/', views: 1, state: 'final', watermark: 100 }]);
    driver.pipe('clicks', view(20));
    driver.commit();
    expect(driver.rows('pages')).toMatchObject([{ views: 2, state: 'revised', revision: 1 }]);
    expect(driver.open('pages')).toMatchObject([{ page: '/', views: 2 }]);
  });

  it('sets aside what is late, has no key, no time, or a time too far ahead', () => {
    const driver = testPipeline(pipeline);
    driver.advanceWatermark('clicks', 150);
    driver.pipe('clicks', view(99));
    expect(driver.late()).toMatchObject([
      { view: 'pages', windowStart: 0, windowEnd: 100, watermark: 150, latenessMs: 51, row: { time: 99 } },
    ]);
    driver.pipe('clicks', view(200, null));
    expect(driver.rejected().map(({ code, view: name }) => [code, name])).toEqual([
      ['STREAMS_NULL_KEY', 'pages'],
      ['STREAMS_NULL_KEY', 'raw'],
    ]);
    driver.pipe('clicks', { ...view(0), time: 'x' });
    expect(driver.deadLetters()).toMatchObject([{ code: 'STREAMS_EVENT_TIME' }]);
    driver.pipe('clicks', view(10_001));
    expect(driver.rejected()).toMatchObject([{ code: 'STREAMS_FUTURE' }]);
    driver.advanceTime(1);
    driver.pipe('clicks', view(10_001));
    expect(driver.rejected()).toEqual([]);
  });

  it('flattens, filters, and lets filtered records move event time', () => {
    const driver = testPipeline(pipeline);
    const items = [
      { sku: 'a', price: 3 },
      { sku: 'b', price: 4 },
      { sku: 'a', price: 5 },
    ];
    driver.pipeAll('clicks', [{ ...view(10), type: 'sale', items }]);
    expect(driver.watermark('pages')).toBe(5);
    driver.advanceWatermark('clicks', 100);
    expect(driver.rows('sold')).toMatchObject([
      { sku: 'a', paid: 8 },
      { sku: 'b', paid: 4 },
    ]);
    expect(driver.rows('pages')).toEqual([]);
    expect(driver.rows('raw')).toEqual([{ page: '/', time: 10 }]);
  });

  it('knows the names of its sources and views', () => {
    const driver = testPipeline(pipeline);
    expect(() => driver.rows('x')).toThrow(/no view "x"; there are pages, sold, raw/);
    expect(() => driver.pipe('x', {})).toThrow(/no source "x"; there are clicks/);
  });
});
