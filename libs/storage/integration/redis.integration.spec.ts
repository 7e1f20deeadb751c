import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { redisStorage } from '../src/adapters/redis.ts';
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

  it('leaves nothing of rows that were written where there is no table', async () => {
    const storage = await open();
    const table = { ...views, name: 'nowhere' };
    const rows = [viewRow('/', 0, 1)];
    await expect(storage.upsert(table, rows)).rejects.toMatchObject({ code: 'STORAGE_TABLE_MISSING' });
    expect(await client.keys(`${prefix}:{nowhere}*`)).toEqual([]);
    // As a process leaves them that ended before it took them back.
    await client.hSet(`${prefix}:{nowhere}:rows`, '["/"] 0000000000000000', JSON.stringify(rows[0]));
    await client.zAdd(`${prefix}:{nowhere}:times`, { score: 0, value: '["/"] 0000000000000000' });
    expect(await storage.ensureTable(table)).toBe('made');
    expect(await storage.read(table)).toEqual([]);
    await storage.close();
  });

  it('lets a table expire whole when nothing was written for its retention, as long as it has one', async () => {
    const storage = await open();
    const table = { ...views, name: 'expiring', retentionMs: 3_600_000 };
    const parts = ['rows', 'keys', 'times', 'latest'];
    const secondsLeft = (): Promise<number[]> =>
      Promise.all(parts.map((part) => client.ttl(`${prefix}:{expiring}:${part}`)));
    await storage.ensureTable(table);
    await storage.upsert(table, [viewRow('/', 0, 1)]);
    for (const seconds of await secondsLeft()) {
      expect(seconds).toBeGreaterThan(3_000);
      expect(seconds).toBeLessThanOrEqual(3_600);
    }
    const { retentionMs: _, ...kept } = table;
    await storage.ensureTable(kept);
    expect(await secondsLeft()).toEqual([-1, -1, -1, -1]);
    await client.del(parts.map((part) => `${prefix}:{expiring}:${part}`));
    expect(await storage.ensureTable(table)).toBe('found');
    expect(await storage.read(table)).toEqual([]);
    await storage.close();
  });

  it('says what another hand has put in the place of its rows', async () => {
    const storage = await open();
    const table = { ...views, name: 'taken' };
    await storage.ensureTable(table);
    await client.set(`${prefix}:{taken}:rows`, 'text');
    const error = await storage.upsert(table, [viewRow('/', 0, 1)]).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_FAILED' });
    expect((error as Error).message).toContain('WRONGTYPE');
    await storage.close();
  });

  it('gives up a connection on which nothing answers, and goes on with another', async () => {
    const way = await stallingWay(url as string);
    const storage = await redisStorage(way.url, { prefix, silenceMs: 4_000 });
    const table = { ...views, name: 'silent' };
    const rows = [viewRow('/', 0, 1)];
    await storage.ensureTable(table);
    way.stall();
    await expect(storage.upsert(table, rows)).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      retriable: true,
    });
    way.go();
    const deadline = performance.now() + 60_000;
    while (!(await storage.health()).ok && performance.now() < deadline) await sleep(50);
    await storage.upsert(table, rows);
    expect(await storage.read(table)).toEqual(rows);
    await storage.close();
    way.stop();
  }, 90_000);
});

/** A way to Redis on which connections, old and new, can fall silent without ending. */
async function stallingWay(
  target: string,
): Promise<{ url: string; stall(): void; go(): void; stop(): void }> {
  const { hostname, port } = new URL(target);
  let isStalled = false;
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect({ host: hostname, port: Number(port) });
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    incoming.on('data', (bytes) => void (isStalled || outgoing.write(bytes)));
    outgoing.on('data', (bytes) => void (isStalled || incoming.write(bytes)));
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(target);
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    stall: () => void (isStalled = true),
    go: () => void (isStalled = false),
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
