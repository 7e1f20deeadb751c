import type { ReadQuery, Row, Table } from '../contract.ts';
import { keyText } from '../check-query.ts';
import { quoted, quotedList, splitName } from '../sql.ts';
import { identityColumns } from '../table.ts';
import { toStore } from './cassandra-values.ts';

/**
 * Where a table's rows lie, and the statements for them. A partition is a time span and a shard of the keys, so
 * that it stays small, a window's rows go out in few batches, and any range is read by a few partitions side by
 * side. In it rows lie by key, then newest first. Which spans there are stands in the table `millrace_buckets`.
 */
export interface Layout {
  /** As CQL names the table. */
  readonly name: string;
  readonly keyspace: string;
  /** Its name within the keyspace. */
  readonly ownName: string;
  readonly table: Table;
  readonly bucketMs: number;
  readonly allShards: readonly number[];
  readonly clustering: readonly string[];
  readonly upsert: string;
  readonly remove: string;
  /** The newest row of each key in a partition. */
  readonly newest: string;
  readonly deletePartition: string;
  readonly recordBucket: string;
  readonly listBuckets: string;
  readonly forgetBucket: string;
  /** Reads nothing, and fails if the table is not there. */
  readonly probe: string;
  /** Rows of a partition (its bucket and shard come first among the parameters). */
  select(query: ReadQuery, bucket: number): { readonly cql: string; readonly params: readonly unknown[] };
}

export const bucketColumn = '_bucket';
export const shardColumn = '_shard';
/** The table of all tables' time spans, by keyspace. */
export const bucketsTable = 'millrace_buckets';

const dayMs = 86_400_000;
const defaultShards = 8;

/** Makes a table's layout. */
export function layoutOf(
  table: Table,
  defaultKeyspace: string,
  { bucketMs = dayMs, shards = defaultShards }: { readonly bucketMs?: number; readonly shards?: number } = {},
): Layout {
  const { space: keyspace = defaultKeyspace, own: ownName } = splitName(table.name);
  const name = `${quoted(keyspace)}.${quoted(ownName)}`;
  const buckets = `${quoted(keyspace)}.${bucketsTable}`;
  const columns = table.columns.map((column) => column.name);
  const identity = identityColumns(table);
  const partition = `${quoted(bucketColumn)} = ? AND ${quoted(shardColumn)} = ?`;
  const selectAll = `SELECT ${quotedList(columns)} FROM ${name} WHERE ${partition}`;
  const keyColumns = identity.filter((column) => column.name !== table.time);
  return {
    name,
    keyspace,
    ownName,
    table,
    bucketMs,
    // Without a key there is nothing to spread.
    allShards: table.key.length === 0 ? [0] : Array.from({ length: shards }, (_, shard) => shard),
    clustering: identity.map((column) => column.name),
    upsert: `INSERT INTO ${name} (${quotedList([bucketColumn, shardColumn, ...columns])}) VALUES (?, ?, ${columns.map(() => '?').join(', ')})`,
    remove: `DELETE FROM ${name} WHERE ${partition} AND ${identity.map((column) => `${quoted(column.name)} = ?`).join(' AND ')}`,
    newest: `${selectAll} GROUP BY ${quotedList([bucketColumn, shardColumn, ...table.key])}`,
    deletePartition: `DELETE FROM ${name} WHERE ${partition}`,
    recordBucket: `INSERT INTO ${buckets} (table_name, bucket) VALUES (?, ?)`,
    listBuckets: `SELECT bucket FROM ${buckets} WHERE table_name = ?`,
    forgetBucket: `DELETE FROM ${buckets} WHERE table_name = ? AND bucket = ?`,
    probe: `SELECT ${quoted(shardColumn)} FROM ${name} LIMIT 1`,
    select: (query, bucket) => {
      const parts = [selectAll];
      const params: unknown[] = [];
      if (query.key !== undefined) {
        for (const column of keyColumns) {
          parts.push(`${quoted(column.name)} = ?`);
          params.push(toStore(column, query.key[column.name]));
        }
      }
      const bounds = [
        [query.fromMs, '>=', query.fromMs !== undefined && query.fromMs > bucket],
        [query.toMs, '<', query.toMs !== undefined && query.toMs < bucket + bucketMs],
      ] as const;
      let isFiltered = false;
      for (const [bound, sign, cuts] of bounds) {
        if (!cuts || table.time === undefined) continue;
        parts.push(`${quoted(table.time)} ${sign} ?`);
        params.push(bound);
        isFiltered = query.key === undefined && table.key.length > 0;
      }
      // By time across keys Cassandra walks the partition, which the time span keeps small.
      const limit = query.key === undefined || query.limit === undefined ? '' : ` LIMIT ${query.limit}`;
      const order = query.key === undefined || table.time === undefined ? '' : orderOf(table, query.order);
      return { cql: `${parts.join(' AND ')}${order}${limit}${isFiltered ? ' ALLOW FILTERING' : ''}`, params };
    },
  };
}

/** Rows lie by key, then newest first; a partition is walked forwards or backwards as a whole. */
function orderOf(table: Table, order: ReadQuery['order']): string {
  const [key, time] = order === 'desc' ? ['ASC', 'DESC'] : ['DESC', 'ASC'];
  const columns = [
    ...table.key.map((name) => `${quoted(name)} ${key}`),
    `${quoted(table.time as string)} ${time}`,
  ];
  return ` ORDER BY ${columns.join(', ')}`;
}

/** The start of the time span that a row lies in. */
export function bucketOf({ table, bucketMs }: Layout, row: Row): number {
  return table.time === undefined ? 0 : Math.floor((row[table.time] as number) / bucketMs) * bucketMs;
}

/** The shard that a key lies in: FNV-1a of its text, the same in every process and release. */
export function shardOf({ table, allShards }: Layout, row: Row): number {
  const text = keyText(table.key, row);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % allShards.length;
}
