import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import type { Column, Table } from '../contract.ts';
import { StorageError } from '../errors.ts';
import { quoted, quotedList } from '../sql.ts';
import { shapeError } from '../table-shape.ts';
import { identityColumns } from '../table.ts';
import { bucketColumn, bucketsTable, shardColumn } from './cassandra-layout.ts';
import type { Layout } from './cassandra-layout.ts';

const types: Record<Column['type'], string> = {
  string: 'text',
  long: 'bigint',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  json: 'text',
};

/** Cassandra's longest time to live: 20 years. */
const maxTtlSeconds = 630_720_000;
/** @see https://docs.aws.amazon.com/keyspaces/latest/devguide/quotas.html */
const keyspacesNameLength = 48;
const keyspacesPollMs = 1_000;
const keyspacesPolls = 60;

/** How changes of the schema are made. */
export interface SchemaMode {
  /** Amazon Keyspaces makes and changes things in the background: each change waits for the one before. */
  readonly keyspaces: boolean;
  /** Between two looks at how far Keyspaces is; a second by default. */
  readonly pollMs?: number;
}

/** Makes the keyspace, if it is not there, and the table of time spans in it. */
export async function ensureKeyspace(
  client: Client,
  options: {
    readonly keyspace: string;
    readonly replication: number;
    readonly dataCenter: string;
  } & SchemaMode,
): Promise<void> {
  const replication = options.keyspaces
    ? `{'class': 'SingleRegionStrategy'}`
    : `{'class': 'NetworkTopologyStrategy', '${options.dataCenter.replaceAll("'", "''")}': ${options.replication}}`;
  const name = quoted(options.keyspace);
  const schema = options.keyspaces ? 'system_schema_mcs' : 'system_schema';
  const isThere = (): Promise<boolean> =>
    has(client, `SELECT keyspace_name FROM ${schema}.keyspaces WHERE keyspace_name = ?`, [options.keyspace]);
  if (!(await isThere())) {
    await change(client, `CREATE KEYSPACE IF NOT EXISTS ${name} WITH replication = ${replication}`);
    if (options.keyspaces) await untilDone(isThere, `keyspace ${options.keyspace}`, options);
  }
  const sql = `SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?`;
  if (await has(client, sql, [options.keyspace, bucketsTable])) return;
  await change(
    client,
    `CREATE TABLE IF NOT EXISTS ${name}.${bucketsTable} (table_name text, bucket timestamp, PRIMARY KEY (table_name, bucket))`,
  );
  await untilActive(client, { ...options, table: bucketsTable });
}

/** Makes a table or adds the columns that it lacks. @throws StorageError `STORAGE_TABLE_SHAPE` */
export async function ensureTable(
  client: Client,
  table: Table,
  layout: Layout,
  mode: SchemaMode,
): Promise<'made' | 'found'> {
  const { keyspace, ownName } = layout;
  const { keyspaces } = mode;
  const settled = (): Promise<void> => untilActive(client, { ...mode, keyspace, table: ownName });
  if (keyspaces && ownName.length > keyspacesNameLength) {
    throw new StorageError(
      'STORAGE_TABLE',
      `table ${table.name}: Keyspaces takes names of at most ${keyspacesNameLength} characters; use a shorter one.`,
    );
  }
  const found = await findTable(client, keyspace, ownName);
  if (found === undefined) {
    await change(client, createTable(table, layout, keyspaces));
    await settled();
    return 'made';
  }
  const error = shapeError(table, types, { columns: found.columns, identity: found.clustering });
  if (error !== undefined) throw error;
  if (found.partition.join() !== [bucketColumn, shardColumn].join()) {
    throw new StorageError(
      'STORAGE_TABLE_SHAPE',
      `table ${table.name} is there and was not made by this adapter: use another name.`,
    );
  }
  for (const column of table.columns) {
    if (found.columns.has(column.name)) continue;
    await change(client, `ALTER TABLE ${layout.name} ADD ${quoted(column.name)} ${types[column.type]}`);
    await settled();
  }
  const ttl = ttlSeconds(table);
  if (found.ttl !== ttl) {
    await change(client, `ALTER TABLE ${layout.name} WITH default_time_to_live = ${ttl}`);
    await settled();
  }
  return 'found';
}

/** The statement that makes a table; Keyspaces chooses compaction itself. */
export function createTable(table: Table, layout: Layout, keyspaces: boolean): string {
  const columns = table.columns.map((column) => `${quoted(column.name)} ${types[column.type]}`);
  const key = `PRIMARY KEY ((${quotedList([bucketColumn, shardColumn])})${layout.clustering.map((name) => `, ${quoted(name)}`).join('')})`;
  const order = identityColumns(table).map(
    ({ name }) => `${quoted(name)} ${name === table.time ? 'DESC' : 'ASC'}`,
  );
  const ttl = ttlSeconds(table);
  const settings = [`CLUSTERING ORDER BY (${order.join(', ')})`];
  if (ttl > 0) {
    settings.push(`default_time_to_live = ${ttl}`);
    // Rows of one time expire together: whole files of them are dropped.
    if (!keyspaces)
      settings.push(
        `compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': 1}`,
      );
  }
  const definitions = [`${quoted(bucketColumn)} timestamp`, `${quoted(shardColumn)} int`, ...columns, key];
  return `CREATE TABLE IF NOT EXISTS ${layout.name} (${definitions.join(', ')}) WITH ${settings.join(' AND ')}`;
}

function ttlSeconds(table: Table): number {
  return table.retentionMs === undefined ? 0 : Math.min(Math.ceil(table.retentionMs / 1_000), maxTtlSeconds);
}

interface Found {
  readonly columns: Map<string, string>;
  readonly partition: string[];
  readonly clustering: string[];
  readonly ttl: number;
}

async function findTable(client: Client, keyspace: string, name: string): Promise<Found | undefined> {
  const named = 'WHERE keyspace_name = ? AND table_name = ?';
  const tables = await client.execute(`SELECT default_time_to_live FROM system_schema.tables ${named}`, [
    keyspace,
    name,
  ]);
  const [first] = tables.rows;
  if (first === undefined) return undefined;
  const { rows } = await client.execute(
    `SELECT column_name, type, kind, position FROM system_schema.columns ${named}`,
    [keyspace, name],
  );
  const ofKind = (kind: string): string[] =>
    rows
      .filter((row) => row['kind'] === kind)
      .sort((a, b) => (a['position'] as number) - (b['position'] as number))
      .map((row) => row['column_name'] as string);
  return {
    columns: new Map(rows.map((row) => [row['column_name'] as string, row['type'] as string])),
    partition: ofKind('partition_key'),
    clustering: ofKind('clustering'),
    ttl: (first['default_time_to_live'] as number | null) ?? 0,
  };
}

async function has(client: Client, cql: string, params: readonly unknown[]): Promise<boolean> {
  return (await client.execute(cql, [...params])).rows.length > 0;
}

async function change(client: Client, cql: string): Promise<void> {
  try {
    await client.execute(cql, [], { prepare: false });
  } catch (error) {
    // Another process added the same column between our look and this statement.
    if (!/conflicts with an existing column|already exists/i.test((error as Error).message)) throw error;
  }
}

/** Waits, on Keyspaces, for a table that is being made or changed. */
async function untilActive(
  client: Client,
  { keyspace, table, ...mode }: { readonly keyspace: string; readonly table: string } & SchemaMode,
): Promise<void> {
  if (!mode.keyspaces) return;
  const cql = `SELECT status FROM system_schema_mcs.tables WHERE keyspace_name = ? AND table_name = ?`;
  const isActive = async (): Promise<boolean> => {
    const { rows } = await client.execute(cql, [keyspace, table]);
    return rows[0]?.['status'] === 'ACTIVE';
  };
  await untilDone(isActive, `table ${keyspace}.${table}`, mode);
}

async function untilDone(
  isDone: () => Promise<boolean>,
  what: string,
  { pollMs = keyspacesPollMs }: SchemaMode,
): Promise<void> {
  for (let poll = 0; poll < keyspacesPolls; poll++) {
    if (await isDone()) return;
    await delay(pollMs);
  }
  throw new StorageError(
    'STORAGE_UNAVAILABLE',
    `${what} was not ready after ${(keyspacesPolls * pollMs) / 1_000} s: Keyspaces makes it in the background; try again later.`,
  );
}
