import { describe, expect, it } from '@jest/globals';
import { webLogs } from '@millrace/pipelines';
import { catalogueOf, type ServedView } from './catalogue.ts';
import { readRowKey, toResultRow } from './result-rows.ts';

const { views } = catalogueOf([webLogs]);
const traffic = views.get('traffic') as ServedView;
const byPath = views.get('requests_by_path') as ServedView;

describe('toResultRow', () => {
  it('takes the columns of the view, as JSON can carry them, and nothing else', () => {
    const row = toResultRow(traffic, {
      windowStart: 0,
      windowEnd: 10_000n,
      requests: 5n,
      error_rate: NaN,
      top_paths: '[{"value":"/","count":5,"error":0}]',
      state: 'final',
      revision: 0,
      watermark: new Date(12_000),
      secret: 'x',
      __proto__: { polluted: true },
    });
    expect(row).toMatchObject({
      windowEnd: 10_000,
      requests: 5,
      error_rate: null,
      top_paths: [{ value: '/', count: 5, error: 0 }],
      watermark: 12_000,
      bytes: null,
    });
    expect(Object.keys(row)).toEqual(traffic.columns.map(({ name }) => name));
  });

  it('leaves JSON text that is none as text', () => {
    expect(toResultRow(traffic, { top_paths: '{' })['top_paths']).toBe('{');
  });
});

describe('readRowKey', () => {
  it('reads key columns and window start', () => {
    expect(readRowKey(byPath, Buffer.from('["/a",20000]'))).toEqual({ path: '/a', windowStart: 20_000 });
    expect(readRowKey(traffic, Buffer.from('[20000]'))).toEqual({ windowStart: 20_000 });
  });

  it.each([['{}'], ['[]'], ['nonsense'], [null]])('is nothing for %s', (text) => {
    expect(readRowKey(byPath, text === null ? null : Buffer.from(text))).toBeUndefined();
  });
});
