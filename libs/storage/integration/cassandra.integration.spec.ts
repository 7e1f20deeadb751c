import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import cassandra from 'cassandra-driver';
import { storageConformance } from '../src/conformance/index.ts';
import { viewRow, views } from '../src/conformance/suite.ts';
import { openStorage } from '../src/index.ts';

const contactPoint = process.env['MILLRACE_TEST_CASSANDRA'];
const withCassandra = contactPoint === undefined ? describe.skip : describe;
const keyspace = `test_${process.pid}`;
const address = (keyspaceName: string, more = ''): string =>
  `cassandra://cassandra:cassandra@${contactPoint}/${keyspaceName}?dc=datacenter1${more}`;

withCassandra('Cassandra', () => {
  const client = new cassandra.Client({
    contactPoints: [contactPoint ?? '127.0.0.1'],
    localDataCenter: 'datacenter1',
    credentials: { username: 'cassandra', password: 'cassandra' },
    socketOptions: { readTimeout: 60_000 },
  });
  beforeAll(() => client.connect());
  afterAll(async () => {
    for (const name of [keyspace, `${keyspace}_s`]) await client.execute(`DROP KEYSPACE IF EXISTS ${name}`);
    await client.shutdown();
  });

  storageConformance(
    { describe, it, beforeAll, afterAll },
    { name: 'cassandra', open: () => openStorage(address(keyspace)), space: `${keyspace}_s` },
  );

  it('is refused with a wrong password, in words that say so', async () => {
    const wrong = address(keyspace).replace('cassandra:cassandra@', 'cassandra:secret-word@');
    const error = await openStorage(wrong).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_CREDENTIALS', retriable: false });
    expect((error as Error).message).not.toContain('secret-word');
  });

  it('says that nothing answers, and that this may pass', async () => {
    const error = { code: 'STORAGE_UNAVAILABLE', retriable: true };
    await expect(openStorage('cassandra://127.0.0.1:1/x?dc=datacenter1')).rejects.toMatchObject(error);
  });

  it('lets rows expire after their retention', async () => {
    const storage = await openStorage(address(keyspace));
    const table = { ...views, name: 'expiring', retentionMs: 3_600_000 };
    await storage.ensureTable(table);
    await storage.ensureTable({ ...table, retentionMs: 7_200_000 });
    await storage.upsert(table, [viewRow('/', 0, 1)]);
    const { rows } = await client.execute(`SELECT ttl(views) AS ttl FROM ${keyspace}.expiring`);
    expect(rows[0]?.['ttl']).toBeGreaterThan(7_100);
    await storage.close();
  });

  it('leaves alone a table that it did not make', async () => {
    const storage = await openStorage(address(keyspace));
    await client.execute(
      `CREATE TABLE ${keyspace}."foreign" (page text, "windowStart" timestamp, PRIMARY KEY (page, "windowStart"))`,
    );
    const code = 'STORAGE_TABLE_SHAPE';
    await expect(storage.ensureTable({ ...views, name: 'foreign' })).rejects.toMatchObject({ code });
    await storage.close();
  });
});
