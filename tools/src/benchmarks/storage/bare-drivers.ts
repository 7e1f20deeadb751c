import { DatabaseSync } from 'node:sqlite';
import cassandra from 'cassandra-driver';
import pg from 'pg';
import { createClient } from 'redis';
import type { Row } from '@millrace/storage';

/** A driver used as well as we know how, for the same rows. */
export interface BareDriver {
  readonly way: string;
  write(rows: readonly Row[]): Promise<void>;
  /** Leaves nothing behind in the service, of ours neither. */
  close(): Promise<void>;
}

const names = [
  'page',
  'windowStart',
  'windowEnd',
  'views',
  'visitors',
  'p95_load_ms',
  'state',
  'revision',
] as const;
const quoted = names.map((name) => `"${name}"`);
const values = (row: Row): (string | number | null)[] =>
  names.map((name) => row[name] as string | number | null);
const updates = quoted.slice(2).map((name) => `${name} = excluded.${name}`);

/** One prepared statement, one transaction a batch, as durable as ours. */
export function bareSqlite(path: string): BareDriver {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE bare (page TEXT NOT NULL, "windowStart" INTEGER NOT NULL, "windowEnd" INTEGER, views INTEGER, visitors INTEGER,
      p95_load_ms REAL, state TEXT, revision INTEGER, PRIMARY KEY (page, "windowStart")) WITHOUT ROWID;
    CREATE INDEX bare_by_time ON bare ("windowStart", page)`);
  const insert = database.prepare(
    `INSERT INTO bare (${quoted.join()}) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (page, "windowStart") DO UPDATE SET ${updates.join()}`,
  );
  return {
    way: 'one prepared upsert, a transaction a batch',
    write: async (rows) => {
      database.exec('BEGIN IMMEDIATE');
      for (const row of rows) insert.run(...values(row));
      database.exec('COMMIT');
    },
    close: async () => database.close(),
  };
}

/** Arrays of columns in one INSERT … SELECT unnest(…), which spares a statement a row. */
export async function barePostgres(url: string, run: string): Promise<BareDriver> {
  const table = `${run}_bare`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE TABLE ${table} (page text COLLATE "C", "windowStart" timestamptz(3), "windowEnd" timestamptz(3), views bigint,
    visitors bigint, p95_load_ms double precision, state text, revision bigint, PRIMARY KEY (page, "windowStart"));
    CREATE INDEX ON ${table} ("windowStart")`);
  const types = ['text', 'timestamptz', 'timestamptz', 'bigint', 'bigint', 'float8', 'text', 'bigint'];
  const sql = `INSERT INTO ${table} (${quoted.join()}) SELECT * FROM unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join()})
    ON CONFLICT (page, "windowStart") DO UPDATE SET ${updates.join()}`;
  return {
    way: 'one INSERT … SELECT unnest(…) a batch, prepared',
    write: async (rows) => {
      const columns = names.map((name) =>
        rows.map((row) =>
          name.startsWith('window') ? new Date(row[name] as number).toISOString() : row[name],
        ),
      );
      await client.query({ name: 'bare', text: sql, values: columns });
    },
    close: async () => {
      await client.query(`DROP TABLE ${table}, ${run}`);
      await client.end();
    },
  };
}

/** The same structures as ours, by one command for each of them and batch, pipelined. */
export async function bareRedis(url: string, run: string): Promise<BareDriver> {
  const prefix = `${run}_bare`;
  const client = createClient({ url, RESP: 2 });
  await client.connect();
  return {
    way: 'an HSET and three ZADD a batch, pipelined',
    write: async (rows) => {
      const fields: string[] = [];
      const byKey: string[] = [];
      const byTime: string[] = [];
      const newest = new Map<string, number>();
      for (const row of rows) {
        const key = JSON.stringify([row['page']]);
        const timeMs = row['windowStart'] as number;
        const id = `${key} ${String(timeMs).padStart(16, '0')}`;
        fields.push(id, JSON.stringify(row));
        byKey.push('0', id);
        byTime.push(String(timeMs), id);
        if (!(timeMs <= (newest.get(key) ?? -Infinity))) newest.set(key, timeMs);
      }
      const latest = [...newest].flatMap(([key, timeMs]) => [String(timeMs), key]);
      await Promise.all([
        client.sendCommand(['HSET', `${prefix}:rows`, ...fields]),
        client.sendCommand(['ZADD', `${prefix}:keys`, ...byKey]),
        client.sendCommand(['ZADD', `${prefix}:times`, ...byTime]),
        client.sendCommand(['ZADD', `${prefix}:latest`, 'GT', ...latest]),
      ]);
    },
    close: async () => {
      for await (const keys of client.scanIterator({ MATCH: `${run}*`, COUNT: 1_000 })) {
        if (keys.length > 0) await client.unlink(keys);
      }
      client.destroy();
    },
  };
}

/** Unlogged batches of one partition each, eight partitions a day, all of a call on their way at once. */
export async function bareCassandra(contactPoint: string, keyspace: string): Promise<BareDriver> {
  const client = new cassandra.Client({
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    credentials: { username: 'cassandra', password: 'cassandra' },
    // Dropping the keyspace takes a snapshot of its tables.
    socketOptions: { readTimeout: 60_000 },
    queryOptions: {
      consistency: cassandra.types.consistencies.localQuorum,
      prepare: true,
      isIdempotent: true,
    },
    encoding: { useBigIntAsLong: true },
  });
  await client.connect();
  const table = `${keyspace}.bare`;
  await client.execute(
    `CREATE TABLE ${table} (bucket timestamp, shard int, page text, "windowStart" timestamp, "windowEnd" timestamp, views bigint,
     visitors bigint, p95_load_ms double, state text, revision bigint, PRIMARY KEY ((bucket, shard), page, "windowStart"))
     WITH CLUSTERING ORDER BY (page ASC, "windowStart" DESC)`,
    [],
    { prepare: false },
  );
  const query = `INSERT INTO ${table} (bucket, shard, ${quoted.join()}) VALUES (?,?,?,?,?,?,?,?,?,?)`;
  const longs = new Set<string>(['views', 'visitors', 'revision']);
  const day = 86_400_000;
  const value = (row: Row, name: string): unknown => {
    if (longs.has(name)) return BigInt(row[name] as number);
    return name.startsWith('window') ? new Date(row[name] as number) : row[name];
  };
  return {
    way: 'unlogged batches of 60 prepared INSERTs, one partition each',
    write: async (rows) => {
      const sent: Promise<unknown>[] = [];
      for (const own of Map.groupBy(rows, (row) => shardOf(row)).values()) {
        for (let start = 0; start < own.length; start += 60) {
          const batch = own.slice(start, start + 60).map((row) => {
            const time = row['windowStart'] as number;
            const bucket = new Date(time - (time % day));
            return { query, params: [bucket, shardOf(row), ...names.map((name) => value(row, name))] };
          });
          sent.push(client.batch(batch, { prepare: true, logged: false }));
        }
      }
      await Promise.all(sent);
    },
    close: async () => {
      await client.execute(`DROP KEYSPACE ${keyspace}`, [], { prepare: false });
      await client.shutdown();
    },
  };
}

/** The number of the page: as even as any hash. */
function shardOf(row: Row): number {
  return Number((row['page'] as string).slice('/products/'.length)) % 8;
}
