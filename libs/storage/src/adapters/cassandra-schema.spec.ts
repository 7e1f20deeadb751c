import { describe, expect, it } from '@jest/globals';
import type { Table } from '../contract.ts';
import { bucketOf, layoutOf, shardOf } from './cassandra-layout.ts';
import { createTable, ensureKeyspace, ensureTable } from './cassandra-schema.ts';
import { parseCassandraUrl } from './cassandra.ts';

const table: Table = {
  name: 'views',
  columns: [
    { name: 'page', type: 'string', nullable: false },
    { name: 'windowStart', type: 'timestamp', nullable: false },
    { name: 'views', type: 'long', nullable: false },
  ],
  key: ['page'],
  time: 'windowStart',
  retentionMs: 3_600_500,
};
const day = 86_400_000;

describe('a table in Cassandra', () => {
  it('is partitioned by time span and shard, newest first, and expires in files of a day', () => {
    expect(createTable(table, layoutOf(table, 'ks'), false)).toBe(
      'CREATE TABLE IF NOT EXISTS "ks"."views" ("_bucket" timestamp, "_shard" int, "page" text, "windowStart" timestamp, "views" bigint, ' +
        'PRIMARY KEY (("_bucket", "_shard"), "page", "windowStart")) WITH CLUSTERING ORDER BY ("page" ASC, "windowStart" DESC) ' +
        "AND default_time_to_live = 3601 AND compaction = {'class': 'TimeWindowCompactionStrategy', " +
        "'compaction_window_unit': 'DAYS', 'compaction_window_size': 1}",
    );
  });

  it('leaves compaction to Keyspaces, which refuses to be told', () => {
    const cql = createTable(table, layoutOf(table, 'ks'), true);
    expect(cql).not.toContain('compaction');
    expect(cql).toContain('default_time_to_live = 3601');
  });

  it('spreads keys over shards and times over spans, before 1970 too', () => {
    const layout = layoutOf(table, 'ks', { shards: 4 });
    const shards = Array.from({ length: 1_000 }, (_, index) => shardOf(layout, { page: `/${index}` }));
    for (const shard of [0, 1, 2, 3])
      expect(shards.filter((one) => one === shard).length).toBeGreaterThan(150);
    expect(shardOf(layout, { page: '/' })).toBe(shardOf(layout, { page: '/', windowStart: 5 }));
    expect([0, day - 1, day, -1, -day].map((windowStart) => bucketOf(layout, { windowStart }))).toEqual([
      0,
      0,
      day,
      -day,
      -day,
    ]);
  });
});

/** Keyspaces, as far as its catalogue goes: what is made or changed is ready a while later. */
function keyspacesCatalogue() {
  const sent: string[] = [];
  const ready = new Map<string, number>();
  const columns: Record<string, unknown>[] = [];
  const isReady = (name: string): boolean => {
    const looks = ready.get(name);
    if (looks === undefined) return false;
    ready.set(name, looks - 1);
    return looks <= 0;
  };
  const execute = async (cql: string, params: string[]): Promise<{ rows: Record<string, unknown>[] }> => {
    const rowsIf = (found: boolean, row: Record<string, unknown>) => ({ rows: found ? [row] : [] });
    if (cql.startsWith('SELECT')) {
      const [keyspace = '', name] = params;
      if (cql.includes('.keyspaces')) return rowsIf(isReady(keyspace), {});
      if (cql.includes('system_schema_mcs.tables'))
        return rowsIf(true, { status: isReady(name!) ? 'ACTIVE' : 'UPDATING' });
      if (cql.includes('.columns')) return { rows: columns };
      return rowsIf(ready.has(name!), { default_time_to_live: 0 });
    }
    const unready = [...ready].find(([, looks]) => looks > 0);
    if (unready !== undefined) throw new Error(`${unready[0]} is still being made: ${cql}`);
    sent.push(cql);
    const [, name = ''] =
      /(?:KEYSPACE IF NOT EXISTS|TABLE(?: IF NOT EXISTS)? (?:"ks"\.)?)\s*"?(\w+)"?/.exec(cql) ?? [];
    ready.set(name, 2);
    return { rows: [] };
  };
  return { client: { execute } as never, sent, columns };
}

describe('the schema in Keyspaces', () => {
  const mode = { keyspaces: true, pollMs: 0 };

  it('is changed by one statement after the other, each when the one before is done', async () => {
    const { client, sent, columns } = keyspacesCatalogue();
    const layout = layoutOf(table, 'ks');
    await ensureKeyspace(client, { keyspace: 'ks', replication: 3, dataCenter: 'eu-west-1', ...mode });
    expect(await ensureTable(client, table, layout, mode)).toBe('made');
    const partition = ['_bucket', '_shard'].map((column_name, position) => ({
      column_name,
      kind: 'partition_key',
      position,
      type: 'int',
    }));
    columns.push(
      ...partition,
      { column_name: 'page', kind: 'clustering', position: 0, type: 'text' },
      { column_name: 'windowStart', kind: 'clustering', position: 1, type: 'timestamp' },
    );
    expect(await ensureTable(client, table, layout, mode)).toBe('found');
    expect(sent).toEqual([
      `CREATE KEYSPACE IF NOT EXISTS "ks" WITH replication = {'class': 'SingleRegionStrategy'}`,
      'CREATE TABLE IF NOT EXISTS "ks".millrace_buckets (table_name text, bucket timestamp, PRIMARY KEY (table_name, bucket))',
      createTable(table, layout, true),
      'ALTER TABLE "ks"."views" ADD "views" bigint',
      'ALTER TABLE "ks"."views" WITH default_time_to_live = 3601',
    ]);
  });

  it('has no names longer than Keyspaces takes', async () => {
    const { client, sent } = keyspacesCatalogue();
    const long = { ...table, name: 'x'.repeat(49) };
    await expect(ensureTable(client, long, layoutOf(long, 'ks'), mode)).rejects.toMatchObject({
      code: 'STORAGE_TABLE',
      message: expect.stringContaining('48'),
    });
    expect(sent).toEqual([]);
  });

  it('is read without what Keyspaces lacks: the newest rows are found without GROUP BY', () => {
    const layout = layoutOf(table, 'ks');
    const { cql } = layout.select({}, 0);
    expect(layout.newest).toContain('GROUP BY');
    expect(cql).not.toMatch(/GROUP BY|DISTINCT|\bIN\b/);
  });
});

describe('parseCassandraUrl', () => {
  const parse = (url: string): unknown => parseCassandraUrl(new URL(url));

  it('reads hosts, keyspace, account and layout', () => {
    expect(parse('cassandra://me:p%40ss@a:9042/iot_data?dc=dc1&replication=3&shards=16')).toEqual({
      contactPoints: ['a:9042'],
      dataCenter: 'dc1',
      keyspace: 'iot_data',
      username: 'me',
      password: 'p@ss',
      replication: 3,
      shards: 16,
      tls: false,
      keyspaces: false,
    });
    expect(parse('keyspaces://cassandra.eu-west-1.amazonaws.com:9142/ks?region=eu-west-1')).toMatchObject({
      dataCenter: 'eu-west-1',
      tls: true,
      keyspaces: true,
    });
  });

  it('refuses an address without data centre, or with what could be a statement', () => {
    for (const url of [
      'cassandra://h/ks',
      'cassandra://h/?dc=a',
      'cassandra://h/k%22;drop?dc=a',
      'cassandra://h/ks?dc=a&shards=0',
      'cassandra://h/ks?dc=a&replication=1e9',
    ]) {
      expect(() => parse(url)).toThrow(expect.objectContaining({ code: 'STORAGE_URL' }));
    }
  });
});
