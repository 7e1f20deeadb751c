import { describe, expect, it } from '@jest/globals';
import type { ResultRow } from '@millrace/views';
import { ViewStore } from './view-store.ts';

const row = (path: string, windowStart: number, more: Partial<ResultRow> = {}): ResultRow => ({
  path,
  windowStart,
  windowEnd: windowStart + 10,
  state: 'filling',
  revision: 0,
  watermark: 0,
  ...more,
});

describe('ViewStore', () => {
  it('gives rows by window start, in whatever order they came', () => {
    const store = new ViewStore(['path']);
    store.merge([row('/', 20), row('/', 0)]);
    store.merge([row('/a', 10)]);
    expect(store.rows.map(({ windowStart }) => windowStart)).toEqual([0, 10, 20]);
  });

  it('keeps the newest form of a row when history comes after the live row', () => {
    const store = new ViewStore(['path']);
    store.merge([row('/', 0, { requests: 5, watermark: 7 })]);
    store.merge([row('/', 0, { requests: 2, watermark: 3 })]);
    expect(store.rows[0]).toMatchObject({ requests: 5 });
    store.merge([row('/', 0, { requests: 6, watermark: 7, revision: 1, state: 'revised' })]);
    store.merge([row('/', 0, { requests: 5, watermark: 9 })]);
    expect(store.rows).toEqual([expect.objectContaining({ requests: 6, state: 'revised' })]);
  });

  it('tells its readers only of changes, and gives the same array until one', () => {
    const store = new ViewStore(['path']);
    let told = 0;
    const leave = store.subscribe(() => told++);
    store.merge([row('/', 0, { watermark: 5 })]);
    const { rows } = store;
    store.merge([row('/', 0, { watermark: 4 })]);
    store.remove([row('/other', 0)]);
    store.prune(5);
    store.advance(null);
    expect(told).toBe(1);
    expect(store.rows).toBe(rows);
    store.advance(5);
    store.advance(4);
    expect(store.watermark).toBe(5);
    leave();
    store.remove([row('/', 0)]);
    expect(told).toBe(2);
    expect(store.rows).toEqual([]);
  });

  it('shows its readers nothing before its schedule says so, and then all of it at once', () => {
    const scheduled: (() => void)[] = [];
    const store = new ViewStore(['path'], (publish) => scheduled.push(publish));
    let told = 0;
    store.subscribe(() => told++);
    expect(store.rows).toEqual([]);
    store.merge([row('/', 0)]);
    store.merge([row('/', 10)]);
    store.advance(7);
    expect([store.rows.length, store.watermark, told, scheduled.length]).toEqual([0, null, 0, 1]);
    scheduled[0]?.();
    expect([store.rows.length, store.watermark, told]).toEqual([2, 7, 1]);
  });

  it('forgets what ended before the range', () => {
    const store = new ViewStore(['path']);
    store.merge([row('/', 0), row('/', 10), row('/', 20)]);
    store.prune(20);
    expect(store.rows.map(({ windowStart }) => windowStart)).toEqual([10, 20]);
  });
});
