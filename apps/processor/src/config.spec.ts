import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

describe('readConfig', () => {
  it('keeps results and raw events in the data folder when nothing is said', () => {
    expect(readConfig({ MILLRACE_DIR: '/data' })).toMatchObject({
      stores: { serving: 'sqlite:/data/serving.db' },
      lake: { url: 'file:/data/lake', fileMs: 60_000 },
    });
  });

  it('reads further stores by the names of their sinks', () => {
    const env = { STORAGE_URL: 'redis://a', STORAGE_URL_HISTORY: 'postgres://b', STORAGE_URL_LIVE: '' };
    expect(readConfig(env).stores).toEqual({ serving: 'redis://a', history: 'postgres://b' });
  });

  it('keeps checkpoints of state in the data folder, elsewhere, or not at all', () => {
    expect(readConfig({ MILLRACE_DIR: '/data' })).toMatchObject({ stateDir: '/data/state', standbys: 0 });
    expect(readConfig({ STATE_DIR: '/fast', STANDBYS: '1' })).toMatchObject({
      stateDir: '/fast',
      standbys: 1,
    });
    expect(readConfig({ STATE_DIR: 'off' }).stateDir).toBeUndefined();
    expect(() => readConfig({ STANDBYS: '-1' })).toThrow(/STANDBYS/);
  });

  it('switches the lake off, or gives it its own keys', () => {
    expect(readConfig({ LAKE_URL: 'off' }).lake).toBeUndefined();
    const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
    expect(readConfig({ LAKE_URL: 's3://b/p', LAKE_FILE_SECONDS: '5', ...keys }).lake).toEqual({
      url: 's3://b/p',
      fileMs: 5_000,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
  });

  it('answers no queries unless it is told of which views', () => {
    expect(readConfig({ QUERY_URL: 'http://a:4202/queries' }).queries).toBeUndefined();
    expect(
      readConfig({
        QUERY_VIEWS: 'web-logs.traffic, clickstream.paths',
        QUERY_URL: 'http://a/queries',
        QUERY_TOKEN: 't',
      }).queries,
    ).toEqual({ views: ['web-logs.traffic', 'clickstream.paths'], url: 'http://a/queries', token: 't' });
    expect(() => readConfig({ WORKERS: '0' })).toThrow(/WORKERS/);
  });
});
