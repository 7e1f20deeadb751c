import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { postgresStorage } from '../src/adapters/postgres.ts';
import { dialects } from '../src/adapters/postgres-dialects.ts';
import type { Dialect } from '../src/adapters/postgres-dialects.ts';
import { storageConformance } from '../src/conformance/index.ts';
import { viewRow, views } from '../src/conformance/suite.ts';
import { openStorage } from '../src/index.ts';

const url = process.env['MILLRACE_TEST_POSTGRES_URL'];
const withPostgres = url === undefined ? describe.skip : describe;
const schema = `test_${process.pid}`;
const inSchema = (name: string): string => `${url}?options=-c%20search_path%3D${name}`;

withPostgres('Postgres', () => {
  const client = new pg.Client({ connectionString: url });
  beforeAll(async () => {
    await client.connect();
    for (const name of [schema, `${schema}_r`]) await client.query(`CREATE SCHEMA ${name}`);
  });
  afterAll(async () => {
    for (const name of ['', '_r', '_s', '_rs'])
      await client.query(`DROP SCHEMA IF EXISTS ${schema}${name} CASCADE`);
    await client.end();
  });

  storageConformance(
    { describe, it, beforeAll, afterAll },
    { name: 'postgres', open: () => openStorage(inSchema(schema)), space: `${schema}_s` },
  );

  // Redshift is not to be had here. Postgres runs all of its statements but for the sort key of CREATE TABLE and the setting of a session.
  const redshift: Dialect = {
    ...dialects.redshift,
    lock: dialects.postgres.lock,
    session: `SET application_name TO 'millrace'`,
    create: (table) =>
      dialects.redshift.create(table).map((sql) => sql.replace(/ COMPOUND SORTKEY \(.*\)$/, '')),
  };
  storageConformance(
    { describe, it, beforeAll, afterAll },
    {
      name: 'the Redshift dialect',
      open: () => postgresStorage(inSchema(`${schema}_r`), { dialect: redshift }),
      space: `${schema}_rs`,
    },
  );

  it('is refused with a wrong password, in words that say so', async () => {
    const wrong = new URL(url as string);
    wrong.password = 'secret-word';
    const error = await openStorage(wrong.href).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_CREDENTIALS', retriable: false });
    expect((error as Error).message).not.toContain('secret-word');
  });

  it('says that nothing answers, and that this may pass', async () => {
    const error = { code: 'STORAGE_UNAVAILABLE', retriable: true };
    await expect(openStorage('postgres://a:b@127.0.0.1:1/c')).rejects.toMatchObject(error);
  });

  it('goes on after its connections were cut', async () => {
    const storage = await openStorage(inSchema(schema));
    const table = { ...views, name: 'cut_off' };
    await storage.ensureTable(table);
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace'`,
    );
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await storage.upsert(table, [viewRow('/', 0, 1)]);
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      }
    }
    expect(await storage.read(table)).toEqual([viewRow('/', 0, 1)]);
    await storage.close();
  });

  it('takes batches of several writers over the same rows without a deadlock', async () => {
    const storages = await Promise.all([1, 2, 3].map(() => postgresStorage(inSchema(schema))));
    const table = { ...views, name: 'contended' };
    await storages[0]!.ensureTable(table);
    const rows = Array.from({ length: 300 }, (_, index) => viewRow(`/${index % 50}`, index, index));
    await Promise.all(
      storages.flatMap((storage, turn) => [
        storage.upsert(table, turn % 2 === 0 ? rows : rows.toReversed()),
        storage.upsert(table, turn % 2 === 0 ? rows.toReversed() : rows),
      ]),
    );
    expect(await storages[0]!.read(table)).toHaveLength(300);
    for (const storage of storages) await storage.close();
  });
});
