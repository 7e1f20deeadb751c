import { describe, expect, it } from '@jest/globals';
import type { Table } from '../contract.ts';
import { bucketOf, layoutOf, shardOf } from './cassandra-layout.ts';
import { createTable } from './cassandra-schema.ts';
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
