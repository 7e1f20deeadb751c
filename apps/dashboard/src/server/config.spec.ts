import { describe, expect, it } from '@jest/globals';
import { pipelines } from '@millrace/pipelines';
import { readConfig } from './config.ts';

describe('readConfig', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toEqual({
      pipelines,
      port: 4200,
      host: '127.0.0.1',
      brokers: ['127.0.0.1:9092'],
      registryUrl: 'http://127.0.0.1:8081',
      storageUrl: 'sqlite:.millrace/serving.db',
      accessLog: { path: '.millrace/access.log', maxBytes: 16_777_216 },
      liveMaxClients: 2_000,
    });
  });

  it('keeps its files in MILLRACE_DIR unless told otherwise', () => {
    const config = readConfig({ MILLRACE_DIR: '/data', ACCESS_LOG: '/var/log/web.log', STORAGE_URL: '' });
    expect(config.storageUrl).toBe('sqlite:/data/serving.db');
    expect(config.accessLog.path).toBe('/var/log/web.log');
  });

  it('takes several brokers, IPv6 among them', () => {
    expect(readConfig({ KAFKA_BROKERS: 'kafka-1:9092, [::1]:9093' }).brokers).toEqual([
      'kafka-1:9092',
      '[::1]:9093',
    ]);
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['KAFKA_BROKERS', 'localhost'],
    ['KAFKA_BROKERS', 'kafka://localhost:9092'],
    ['SCHEMA_REGISTRY_URL', 'localhost'],
    ['ACCESS_LOG_MAX_BYTES', '-1'],
  ])('refuses %s=%s by name and value', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'DASHBOARD_CONFIG',
        message: expect.stringContaining(`${name}=${JSON.stringify(value)}`),
      }),
    );
  });
});
