import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { storageConformance } from '../src/conformance/index.ts';
import { openStorage } from '../src/index.ts';
import { viewRow, views } from '../src/conformance/suite.ts';

const url = process.env['MILLRACE_TEST_REDIS_URL'];
const withRedis = url === undefined ? describe.skip : describe;
const prefix = `test${process.pid}`;
const open = (): ReturnType<typeof openStorage> => openStorage(`${url}?prefix=${prefix}`);

withRedis('Redis', () => {
  const client = createClient({ url: url as string });
  beforeAll(async () => void (await client.connect()));
  afterAll(async () => {
    for await (const keys of client.scanIterator({ MATCH: `${prefix}:*`, COUNT: 1_000 })) {
      if (keys.length > 0) await client.del(keys);
    }
    client.destroy();
  });

  storageConformance({ describe, it, beforeAll, afterAll }, { name: 'redis', open, space: prefix });

  it('is refused with a wrong password, in words that say so', async () => {
    const wrong = new URL(url as string);
    wrong.username = 'nobody';
    wrong.password = 'secret-word';
    const error = await openStorage(wrong.href).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_CREDENTIALS', retriable: false });
    expect((error as Error).message).not.toContain('secret-word');
  });

  it('says that nothing answers, and that this may pass', async () => {
    await expect(openStorage('redis://127.0.0.1:1')).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      retriable: true,
    });
  });

  it('notices that its rows were flushed away, so that they are written again', async () => {
    const storage = await open();
    const table = { ...views, name: 'flushed' };
    const rows = [viewRow('/', 0, 1), viewRow('/a', 60_000, 2)];
    expect(await storage.ensureTable(table)).toBe('made');
    await storage.upsert(table, rows);
    await client.del((await client.keys(`${prefix}:{flushed}*`)) as string[]);
    const error = await storage.upsert(table, rows.slice(1)).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_TABLE_MISSING' });
    expect(await storage.ensureTable(table)).toBe('made');
    await storage.upsert(table, rows);
    expect(await storage.read(table)).toEqual(rows);
    await storage.close();
  });

  it('lets rows expire after their retention', async () => {
    const storage = await open();
    const table = { ...views, name: 'expiring', retentionMs: 3_600_000 };
    await storage.ensureTable(table);
    await storage.upsert(table, [viewRow('/', 0, 1)]);
    const seconds = await client.ttl(`${prefix}:{expiring}:row:["/"]`);
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
    await storage.close();
  });
});
