import { describe, expect, it } from '@jest/globals';
import { webLogs } from '@millrace/pipelines';
import { definePipeline } from '@millrace/streams';
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

describe('a row of a view without windows', () => {
  const logins = definePipeline({
    name: 'logins',
    sources: {
      logins: {
        topic: 'logins',
        schema: {
          type: 'record',
          name: 'Login',
          fields: [
            { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, eventTime: true },
            { name: 'name', type: 'string' },
          ],
        },
      },
    },
    views: {
      login_log: { from: 'logins', by: ['name'], columns: ['at'], time: 'at' },
      last_login: { from: 'logins', by: ['name'], columns: ['at'] },
    },
  });
  const served = catalogueOf([logins]).views;

  it('lies at its own time', () => {
    const view = served.get('login_log') as ServedView;
    expect(toResultRow(view, { at: 5_000, name: 'a' })).toMatchObject({
      windowStart: 5_000,
      windowEnd: 5_001,
      state: 'final',
    });
    expect(readRowKey(view, Buffer.from('["a",5000]'))).toEqual({ name: 'a', windowStart: 5_000 });
  });

  it('is there whatever the range where its rows have no time', () => {
    const view = served.get('last_login') as ServedView;
    expect(toResultRow(view, { at: 5_000, name: 'a' })).toMatchObject({
      windowStart: 0,
      windowEnd: 8.64e15,
    });
    expect(readRowKey(view, Buffer.from('["a"]'))).toEqual({ name: 'a', windowStart: 0 });
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
