import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetchGo } from './fetch/go.ts';
import { answers } from './health.ts';
import type { Service } from './service.ts';

const version = 'v1.8.0';
const port = 19000;
const url = `http://127.0.0.1:${port}`;
const keys = { access: 'millrace', secret: 'millrace-secret' };
const bucket = 'millrace';

const fetchGateway = (): Promise<string> =>
  fetchGo(`versitygw-${version}`, `github.com/versity/versitygw/cmd/versitygw@${version}`);

/** An S3 server on a folder; the bucket `millrace` is there. */
export const s3: Service = {
  name: 's3',
  title: `Versity S3 Gateway ${version}`,
  port,
  url,
  testEnv: { MILLRACE_TEST_S3_ENDPOINT: url },
  appEnv: {
    LAKE_URL: `s3://${bucket}/lake?endpoint=${encodeURIComponent(url)}`,
    AWS_ACCESS_KEY_ID: keys.access,
    AWS_SECRET_ACCESS_KEY: keys.secret,
  },
  startTimeoutMs: 20_000,
  fetch: async () => void (await fetchGateway()),
  prepare: async (dir) => {
    // Metadata lies beside the objects, as not every file system has extended attributes.
    for (const folder of ['data', 'metadata']) mkdirSync(join(dir, folder), { recursive: true });
    mkdirSync(join(dir, 'data', bucket), { recursive: true });
    return {
      file: join(await fetchGateway(), 'versitygw'),
      args: [
        ...['--port', `127.0.0.1:${port}`, '--access', keys.access, '--secret', keys.secret, '--quiet'],
        ...['posix', '--sidecar', join(dir, 'metadata'), join(dir, 'data')],
      ],
    };
  },
  healthy: () => answers(url, (status) => status < 500),
};
