import type { Client, types as CassandraTypes } from 'cassandra-driver';
import type { Capabilities, ReadQuery, Row, StorageAdapter, Table } from '../contract.ts';
import { StorageError } from '../errors.ts';
import { guarded } from '../guarded.ts';
import { inParallel } from '../in-parallel.ts';
import { lastOfEach } from '../last-of-each.ts';
import { compareRows } from '../order-rows.ts';
import { keyText } from '../check-query.ts';
import { loadPeer } from '../load-peer.ts';
import { missingTable } from '../table-shape.ts';
import { identityColumns } from '../table.ts';
import { bucketOf, layoutOf, shardOf } from './cassandra-layout.ts';
import type { Layout } from './cassandra-layout.ts';
import { ensureKeyspace, ensureTable } from './cassandra-schema.ts';
import { fromStore, toStore } from './cassandra-values.ts';

/** How to reach a cluster, and how tables are laid out in it. */
export interface CassandraOptions {
  readonly contactPoints: readonly string[];
  readonly dataCenter: string;
  readonly keyspace: string;
  readonly username?: string;
  readonly password?: string;
  /** Copies of each row in the data centre, when the keyspace is made here; 1 by default. */
  readonly replication?: number;
  /** Time span of a partition; a day by default. Part of a table's layout: never change it under a table. */
  readonly bucketMs?: number;
  /** Partitions side by side for one time span; 8 by default. Part of a table's layout as well. */
  readonly shards?: number;
  readonly tls?: boolean;
  /** Amazon Keyspaces: its limits, LOCAL_QUORUM, no GROUP BY, its DDL. */
  readonly keyspaces?: boolean;
  /** For Keyspaces: signs requests with the AWS credentials of the environment. */
  readonly region?: string;
}

const capabilities: Capabilities = {
  durable: true,
  expiresRows: true,
  // A clustering value holds 65,535 bytes; several together, less what surrounds them.
  maxKeyBytes: 65_000,
  // Half of what a mutation may have by default (16 MiB).
  maxRowBytes: 8 << 20,
  minTimestampMs: -8.64e15,
  maxTimestampMs: 8.64e15,
  nulInText: true,
};
/** @see https://docs.aws.amazon.com/keyspaces/latest/devguide/quotas.html */
const keyspacesCapabilities: Capabilities = { ...capabilities, maxKeyBytes: 850, maxRowBytes: 1 << 20 };

/** Under Cassandra's batch_size_fail_threshold (50 KiB), and where larger ones stop being faster. */
const batchBytes = 24 << 10;
const batchRows = 60;
/** Keyspaces' limit. */
const keyspacesBatchRows = 30;
const requestsInFlight = 48;
const readTimeoutMs = 12_000;
const connectTimeoutMs = 5_000;

/** Reads `cassandra://USER:PASSWORD@HOST:PORT[,HOST…]/KEYSPACE?dc=NAME&…`, or `keyspaces://` with `region`. @throws StorageError `STORAGE_URL` */
export function parseCassandraUrl(url: URL): CassandraOptions {
  const { searchParams } = url;
  const isKeyspaces = url.protocol === 'keyspaces:' || searchParams.get('mode') === 'keyspaces';
  const keyspace = url.pathname.slice(1);
  if (!/^[A-Za-z][A-Za-z0-9_]{0,47}$/.test(keyspace)) {
    throw new StorageError(
      'STORAGE_URL',
      `${JSON.stringify(keyspace.slice(0, 60))} is no keyspace name; write cassandra://HOST/KEYSPACE.`,
    );
  }
  const whole = (name: string): number | undefined => {
    const text = searchParams.get(name);
    if (text === null) return undefined;
    if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
    throw new StorageError(
      'STORAGE_URL',
      `${name}=${text.slice(0, 40)} in the address is not a whole number above 0.`,
    );
  };
  const region = searchParams.get('region') ?? undefined;
  const dataCenter = searchParams.get('dc') ?? region;
  if (dataCenter === undefined) {
    throw new StorageError(
      'STORAGE_URL',
      'the address names no data centre: add ?dc=NAME (nodetool status shows it; datacenter1 by default).',
    );
  }
  const values = {
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    replication: whole('replication'),
    bucketMs: whole('bucketMs'),
    shards: whole('shards'),
    region,
  };
  return {
    contactPoints: url.host.split(','),
    dataCenter,
    keyspace,
    tls: url.protocol === 'keyspaces:' || searchParams.get('tls') === 'true',
    keyspaces: isKeyspaces,
    ...(Object.fromEntries(
      Object.entries(values).filter(([, value]) => value !== undefined),
    ) as Partial<CassandraOptions>),
  };
}

/** Rows in Cassandra 4 or newer, or Amazon Keyspaces; see `cassandra-layout.ts` for where they lie. */
export async function cassandraStorage(options: CassandraOptions): Promise<StorageAdapter> {
  const cassandra = (await loadPeer('cassandra-driver', () => import('cassandra-driver'))).default;
  const where = `cassandra ${options.contactPoints.join(',')}/${options.keyspace}`;
  const { keyspaces = false, bucketMs, shards } = options;
  const limits = keyspaces ? keyspacesCapabilities : capabilities;
  const client: Client = new cassandra.Client({
    contactPoints: [...options.contactPoints],
    localDataCenter: options.dataCenter,
    ...(options.username === undefined
      ? {}
      : { authProvider: new cassandra.auth.PlainTextAuthProvider(options.username, options.password ?? '') }),
    ...(keyspaces && options.region !== undefined && options.username === undefined
      ? { authProvider: await signingProvider(options.region) }
      : {}),
    ...(options.tls === true
      ? { sslOptions: { host: options.contactPoints[0]?.split(':')[0], rejectUnauthorized: true } }
      : {}),
    socketOptions: { connectTimeout: connectTimeoutMs, readTimeout: readTimeoutMs },
    queryOptions: {
      consistency: cassandra.types.consistencies.localQuorum,
      prepare: true,
      isIdempotent: true,
      fetchSize: 5_000,
    },
    encoding: { useBigIntAsLong: true },
  });
  const attempt = async <Result>(table: Table | undefined, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw failure(error, where, table);
    }
  };
  const makeKeyspace = (keyspace: string): Promise<void> =>
    ensureKeyspace(client, {
      keyspace,
      replication: options.replication ?? 1,
      dataCenter: options.dataCenter,
      keyspaces,
    });
  await attempt(undefined, async () => {
    try {
      await client.connect();
      await makeKeyspace(options.keyspace);
    } catch (error) {
      await client.shutdown().catch(() => undefined);
      throw error;
    }
  });

  const layouts = new WeakMap<Table, Layout>();
  const layout = (table: Table): Layout => {
    let found = layouts.get(table);
    if (found === undefined) {
      found = layoutOf(table, options.keyspace, {
        ...(bucketMs === undefined ? {} : { bucketMs }),
        ...(shards === undefined ? {} : { shards }),
      });
      layouts.set(table, found);
    }
    return found;
  };
  const knownBuckets = new Map<string, Set<number>>();
  const recordBuckets = async (table: Table, buckets: Iterable<number>): Promise<void> => {
    let known = knownBuckets.get(table.name);
    if (known === undefined) knownBuckets.set(table.name, (known = new Set()));
    const added = [...buckets].filter((bucket) => !known.has(bucket));
    await inParallel(added, requestsInFlight, async (bucket) => {
      await client.execute(layout(table).recordBucket, [layout(table).ownName, bucket]);
      known.add(bucket);
    });
  };
  /** Sends one statement for each row, those of a partition in batches. */
  const send = async (table: Table, rows: readonly Row[], statement: 'upsert' | 'remove'): Promise<void> => {
    const plan = layout(table);
    const columns = statement === 'upsert' ? table.columns : identityColumns(table);
    const partitions = new Map<string, { params: unknown[][]; bucket: number }>();
    for (const row of rows) {
      const bucket = bucketOf(plan, row);
      const shard = shardOf(plan, row);
      const id = `${bucket} ${shard}`;
      let partition = partitions.get(id);
      if (partition === undefined) partitions.set(id, (partition = { params: [], bucket }));
      partition.params.push([bucket, shard, ...columns.map((column) => toStore(column, row[column.name]))]);
    }
    if (statement === 'upsert')
      await recordBuckets(
        table,
        [...partitions.values()].map(({ bucket }) => bucket),
      );
    const batches = [...partitions.values()].flatMap(({ params }) => [
      ...inBatches(params, keyspaces ? keyspacesBatchRows : batchRows),
    ]);
    await inParallel(batches, requestsInFlight, async (batch) => {
      const [only] = batch;
      if (batch.length === 1) await client.execute(plan[statement], only);
      else
        await client.batch(
          batch.map((params) => ({ query: plan[statement], params })),
          { prepare: true, logged: false },
        );
    });
  };
  const buckets = async (table: Table, query: ReadQuery): Promise<number[]> => {
    const plan = layout(table);
    const found = await client.execute(plan.listBuckets, [plan.ownName]);
    const from = query.fromMs === undefined ? -Infinity : query.fromMs - plan.bucketMs;
    const to = query.toMs ?? Infinity;
    const all: number[] = [];
    for await (const row of found) all.push((row['bucket'] as Date).getTime());
    const wanted = table.time === undefined ? all : all.filter((bucket) => bucket > from && bucket < to);
    return wanted.sort((a, b) => (query.order === 'desc' ? b - a : a - b));
  };
  const rowsOf = async (table: Table, cql: string, params: readonly unknown[]): Promise<Row[]> => {
    const rows: Row[] = [];
    const found = await client.execute(cql, [...params]);
    for await (const row of found as AsyncIterable<CassandraTypes.Row>) rows.push(fromStore(table, row));
    return rows;
  };
  /** The rows of one bucket that a query wants, in its order. */
  const readBucket = async (table: Table, bucket: number, query: ReadQuery): Promise<Row[]> => {
    const plan = layout(table);
    const shardsToRead = query.key === undefined ? plan.allShards : [shardOf(plan, query.key)];
    const { cql, params } = plan.select(query, bucket);
    const parts = await inParallel(shardsToRead, requestsInFlight, (shard) =>
      rowsOf(table, cql, [bucket, shard, ...params]),
    );
    return parts.flat().sort(compareRows(table, query.order));
  };
  const read = async (table: Table, query: ReadQuery): Promise<Row[]> => {
    const { limit = Infinity } = query;
    const rows: Row[] = [];
    // The missing table, if it is, must be noticed even when nothing was ever written to it.
    const list = await buckets(table, query);
    if (list.length === 0) await client.execute(layout(table).probe, []);
    for (const bucket of list) {
      for (const row of await readBucket(table, bucket, query)) rows.push(row);
      if (rows.length >= limit) break;
    }
    return rows.slice(0, query.limit);
  };
  const newestOfAll = async (table: Table, limit = Infinity): Promise<Row[]> => {
    const plan = layout(table);
    const newest = new Map<string, Row>();
    const list = await buckets(table, { order: 'desc' });
    if (list.length === 0) await client.execute(plan.probe, []);
    for (const bucket of list) {
      const parts = await inParallel(plan.allShards, requestsInFlight, (shard) =>
        rowsOf(table, keyspaces ? plan.select({}, bucket).cql : plan.newest, [bucket, shard]),
      );
      for (const row of parts.flat().sort(compareRows(table, 'desc'))) {
        const key = keyText(table.key, row);
        if (!newest.has(key)) newest.set(key, row);
      }
      // Rows of older buckets are older than all of these.
      if (newest.size >= limit) break;
    }
    return [...newest.values()].sort(compareRows(table, 'desc')).slice(0, limit);
  };

  return guarded({
    name: keyspaces ? 'keyspaces' : 'cassandra',
    capabilities: limits,
    ensureTable: (table) =>
      attempt(table, async () => {
        await makeKeyspace(layout(table).keyspace);
        const outcome = await ensureTable(client, table, layout(table), { keyspaces });
        if (outcome === 'made') knownBuckets.delete(table.name);
        return outcome;
      }),
    upsert: (table, rows) => attempt(table, () => send(table, lastOfEach(table, rows), 'upsert')),
    remove: (table, keys) => attempt(table, () => send(table, keys, 'remove')),
    read: (table, query = {}) => attempt(table, () => read(table, query)),
    latest: (table, query = {}) =>
      attempt(table, async () => {
        if (table.time === undefined) return read(table, query);
        if (query.key !== undefined || table.key.length === 0)
          return read(table, { ...query, order: 'desc', limit: 1 });
        return newestOfAll(table, query.limit);
      }),
    deleteBefore: (table, timeMs) =>
      attempt(table, async () => {
        const plan = layout(table);
        for (const bucket of await buckets(table, { toMs: timeMs })) {
          const isWhole = bucket + plan.bucketMs <= timeMs;
          if (!isWhole || keyspaces)
            await send(table, await readBucket(table, bucket, { toMs: timeMs }), 'remove');
          if (!isWhole) continue;
          // Keyspaces deletes at most 1,000 rows of a partition by one statement: there they are gone one by one by now.
          if (!keyspaces)
            await inParallel(plan.allShards, requestsInFlight, (shard) =>
              client.execute(plan.deletePartition, [bucket, shard]),
            );
          await client.execute(plan.forgetBucket, [plan.ownName, bucket]);
          knownBuckets.get(table.name)?.delete(bucket);
        }
      }),
    health: () =>
      attempt(undefined, async () => {
        await client.execute('SELECT key FROM system.local', [], { prepare: false });
        return { ok: true, detail: where };
      }),
    close: () => client.shutdown(),
  });
}

function* inBatches(params: readonly unknown[][], maxRows: number): Generator<unknown[][]> {
  let batch: unknown[][] = [];
  let bytes = 0;
  for (const row of params) {
    let size = 0;
    for (const value of row) size += typeof value === 'string' ? value.length : 8;
    if (batch.length > 0 && (batch.length === maxRows || bytes + size > batchBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

async function signingProvider(region: string): Promise<never> {
  // A name in a variable: the package is not among our own development dependencies.
  const name = 'aws-sigv4-auth-cassandra-plugin';
  const plugin = (await loadPeer(name, () => import(name))) as {
    SigV4AuthProvider: new (options: { region: string }) => never;
  };
  return new plugin.SigV4AuthProvider({ region });
}

interface DriverError extends Error {
  readonly code?: number | string;
  readonly innerErrors?: Readonly<Record<string, Error>>;
}

// Codes of the native protocol: bad credentials, unauthorized; overloaded, bootstrapping, truncate, timeouts, unavailable.
const credentialCodes = new Set<unknown>([0x0100, 0x2100]);
const passingCodes = new Set<unknown>([
  0x0000, 0x1000, 0x1001, 0x1002, 0x1003, 0x1100, 0x1200, 0x1300, 0x1500,
]);

function failure(cause: unknown, where: string, table?: Table): StorageError {
  if (cause instanceof StorageError) return cause;
  const error = cause as DriverError;
  const inner = Object.values(error.innerErrors ?? {});
  const first = (inner[0] ?? error) as DriverError;
  const text = first.message || error.message;
  if (/unconfigured table|(table|keyspace) .* does not exist/i.test(text) && table !== undefined)
    return missingTable(table, cause);
  if (
    first.name === 'AuthenticationError' ||
    credentialCodes.has(first.code) ||
    /authentication|Provided username/i.test(text)
  ) {
    return new StorageError(
      'STORAGE_CREDENTIALS',
      `${where} refused the log-in or a right is missing (${text}): check user, password and grants.`,
      { cause },
    );
  }
  if (first.code === undefined || typeof first.code === 'string' || passingCodes.has(first.code)) {
    return new StorageError('STORAGE_UNAVAILABLE', `${where} cannot be reached or is overloaded: ${text}.`, {
      cause,
    });
  }
  return new StorageError('STORAGE_FAILED', `${where}: ${text} (${first.code}).`, { cause });
}
