import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pipelines } from '@millrace/pipelines';
import { type Lake, openLake, openStorage, type StorageAdapter } from '@millrace/storage';
import { viewTable } from '@millrace/streams';
import { ChildSystem, eventually } from './child-system.ts';
import { dropKeyspace } from './drop-keyspace.ts';

const {
  MILLRACE_TEST_KAFKA_BROKERS: brokers,
  MILLRACE_TEST_REGISTRY_URL: registryUrl,
  MILLRACE_TEST_CASSANDRA: cassandra,
  MILLRACE_TEST_S3_ENDPOINT: s3,
} = process.env;
const isReal = [brokers, registryUrl, cassandra, s3].every((variable) => variable !== undefined);
const onRealServices = isReal ? describe : describe.skip;

const run = `start_${process.pid}`;
const credentials = { accessKeyId: 'millrace', secretAccessKey: 'millrace-secret' };
const path = `/seen-by-${run}`;

onRealServices('MILLRACE_PROFILE=services npm start', () => {
  const storageUrl = `cassandra://cassandra:cassandra@${cassandra}/${run}?dc=datacenter1`;
  const lakeUrl = `s3://millrace/${run}?endpoint=${encodeURIComponent(s3 ?? '')}`;
  let directory: string;
  let system: ChildSystem;
  let url: string;
  let storage: StorageAdapter;
  let lake: Lake;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-services-'));
    system = new ChildSystem(directory, {
      MILLRACE_PROFILE: 'services',
      KAFKA_BROKERS: brokers!,
      SCHEMA_REGISTRY_URL: registryUrl!,
      STORAGE_URL: storageUrl,
      LAKE_URL: lakeUrl,
      // What other runs left in the shared ones has another shape, perhaps.
      STORAGE_URL_LIVE: 'memory:',
      STORAGE_URL_HISTORY: 'memory:',
      LAKE_FILE_SECONDS: '2',
      INSTANCE_ID: run,
    });
    url = await system.url;
    storage = await openStorage(storageUrl);
    lake = await openLake(lakeUrl, { credentials });
  }, 120_000);
  afterAll(async () => {
    await system.end('SIGKILL');
    await storage?.close();
    await lake?.close();
    await dropKeyspace(cassandra!, run);
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  it('gives out own requests from Cassandra, and has them in the lake', async () => {
    for (const again of [1, 2]) await fetch(`${url}${path}?again=${again}`);
    await eventually('both requests are shown', async () => {
      const response = await fetch(`${url}/api/views/requests_by_path/rows?limit=10000`);
      const { rows } = (await response.json()) as { rows: { path: string; requests: number }[] };
      const mine = rows.filter((row) => row.path === path).reduce((sum, row) => sum + row.requests, 0);
      return mine === 2 ? true : undefined;
    });
    const definition = pipelines.find(({ name }) => name === 'web-logs')!;
    const stored = await storage.read(viewTable(definition, 'requests_by_path'), {
      fromMs: Date.now() - 300_000,
    });
    expect(
      stored.filter((row) => row['path'] === path).reduce((sum, row) => sum + (row['requests'] as number), 0),
    ).toBe(2);
    await eventually('the requests are in the lake', async () => {
      for (const { key, maxTimeMs } of await lake.files('logs')) {
        if (maxTimeMs < Date.now() - 300_000) continue;
        if ((await lake.rows(key)).some((row) => String(row['path']).startsWith(path))) return true;
      }
      return undefined;
    });
  });

  it.each(pipelines.map(({ name }) => name))('has rows of %s in Cassandra', async (name) => {
    const definition = pipelines.find((one) => one.name === name)!;
    const views = Object.entries(definition.views).filter(([, { sinks = ['serving'] }]) =>
      sinks.includes('serving'),
    );
    await eventually(
      `rows of ${name}`,
      async () => {
        for (const [view] of views)
          if ((await storage.latest(viewTable(definition, view), { limit: 1 })).length > 0) return true;
        return undefined;
      },
      90_000,
    );
  });

  it('ends at Ctrl-C with everything left in order', async () => {
    expect(await system.end('SIGINT')).toBe(0);
    expect(system.output).not.toMatch(/\bError\b|unhandled/);
  });
});
