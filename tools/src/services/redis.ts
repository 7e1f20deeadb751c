import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './fetch/debian.ts';
import { ask } from './health.ts';
import type { Service } from './service.ts';

const port = 16379;
const url = `redis://127.0.0.1:${port}`;
const find = (): string => findProgram('redis-server', 'redis-server');

/** Redis with its append-only file. */
export const redis: Service = {
  name: 'redis',
  title: 'Redis 7',
  port,
  url,
  testEnv: { MILLRACE_TEST_REDIS_URL: url },
  appEnv: { STORAGE_URL_LIVE: url },
  startTimeoutMs: 20_000,
  fetch: async () => void find(),
  prepare: async (dir) => {
    const data = join(dir, 'data');
    mkdirSync(data, { recursive: true });
    const settings = {
      port,
      bind: '127.0.0.1',
      dir: data,
      save: '',
      appendonly: 'yes',
      appendfsync: 'everysec',
    };
    return {
      file: find(),
      args: [
        ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
        ...['--maxmemory', '1gb', '--maxmemory-policy', 'noeviction'],
      ],
    };
  },
  healthy: async () => (await ask(port, 'PING\r\n'))?.toString().startsWith('+PONG') ?? false,
};
