import { DatabaseSync } from 'node:sqlite';
import cassandra from 'cassandra-driver';
import pg from 'pg';
import { createClient } from 'redis';
import type { Row } from '@millrace/storage';

/** A driver used as well as we know how, for the same rows. */
export interface BareDriver {
  readonly way: string;
  write(rows: readonly Row[]): Promise<void>;
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
export async function barePostgres(url: string, table: string): Promise<BareDriver> {
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
      await client.query(`DROP TABLE ${table}`);
      await client.end();
    },
  };
}

/** The same structures as ours by pipelined commands. */
export async function bareRedis(url: string, prefix: string): Promise<BareDriver> {
  const client = createClient({ url, RESP: 2, commandOptions: { timeout: 60_000 } });
  await client.connect();
  return {
    way: 'HSET and three ZADD a row, pipelined',
    write: async (rows) => {
      const replies: Promise<unknown>[] = [];
      for (const row of rows) {
        const key = JSON.stringify([row['page']]);
        const time = String(row['windowStart']);
        replies.push(client.sendCommand(['HSET', `${prefix}:row:${key}`, time, JSON.stringify(row)]));
        replies.push(client.sendCommand(['ZADD', `${prefix}:key:${key}`, time, time]));
        replies.push(client.sendCommand(['ZADD', `${prefix}:times`, time, `${key} ${time}`]));
        replies.push(client.sendCommand(['ZADD', `${prefix}:latest`, 'GT', time, key]));
      }
      await Promise.all(replies);
    },
    close: async () => {
      for await (const keys of client.scanIterator({ MATCH: `${prefix}:*`, COUNT: 1_000 })) {
        if (keys.length > 0) await client.unlink(keys);
      }
      client.destroy();
    },
  };
}

/** A prepared statement a row, by the driver's own helper for many at once. */
export async function bareCassandra(contactPoint: string, keyspace: string): Promise<BareDriver> {
  const client = new cassandra.Client({
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    credentials: { username: 'cassandra', password: 'cassandra' },
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
  const cql = `INSERT INTO ${table} (bucket, shard, ${quoted.join()}) VALUES (?,?,?,?,?,?,?,?,?,?)`;
  const longs = new Set<string>(['views', 'visitors', 'revision']);
  const day = 86_400_000;
  return {
    way: 'a prepared INSERT a row, 128 at a time',
    write: async (rows) => {
      const parameters = rows.map((row) => {
        const time = row['windowStart'] as number;
        const own = names.map((name) =>
          longs.has(name)
            ? BigInt(row[name] as number)
            : name.startsWith('window')
              ? new Date(row[name] as number)
              : row[name],
        );
        return [new Date(time - (time % day)), 0, ...own];
      });
      const settings = { executionProfile: undefined, concurrencyLevel: 128, raiseOnFirstError: true };
      await cassandra.concurrent.executeConcurrent(client, cql, parameters, settings as never);
    },
    close: () => client.shutdown(),
  };
}
