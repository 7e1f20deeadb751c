import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Pool, PoolClient } from 'pg';
import type { Capabilities, Column, ReadQuery, Row, StorageAdapter, Table } from '../contract.ts';
import { StorageError } from '../errors.ts';
import { guarded } from '../guarded.ts';
import { lastOfEach } from '../last-of-each.ts';
import { loadPeer } from '../load-peer.ts';
import { quoted, quotedList, quotedTable, splitName } from '../sql.ts';
import { missingTable, shapeError } from '../table-shape.ts';
import { identityColumns } from '../table.ts';
import { copyText, timestampText } from './postgres-text.ts';
import { dialects } from './postgres-dialects.ts';
import type { Dialect } from './postgres-dialects.ts';

/** What an address does not say. */
export interface PostgresOptions {
  /** `redshift` for Amazon Redshift: its types, no COPY from a client, delete and insert instead of a merge. */
  readonly dialect?: 'postgres' | 'redshift' | Dialect;
  readonly maxConnections?: number;
}

const capabilities = (dialect: Dialect): Capabilities => ({
  durable: true,
  expiresRows: false,
  // An index entry of Postgres holds 2,704 bytes with what surrounds the values.
  maxKeyBytes: 2_500,
  maxRowBytes: dialect.maxTextBytes,
  // The calendar begins in 4713 BC; it ends after that of JavaScript.
  minTimestampMs: Date.UTC(-4712, 0, 1),
  maxTimestampMs: 8.64e15,
  nulInText: false,
});

/** Redshift takes 32,767 in one statement. */
const maxParameters = 30_000;
const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;

/** Rows in Postgres 13 or newer, or Redshift: copied to a temporary table, then merged in one transaction. */
export async function postgresStorage(url: string, options: PostgresOptions = {}): Promise<StorageAdapter> {
  const { default: pg } = await loadPeer('pg', () => import('pg'));
  const { from: copyFrom } = await loadPeer('pg-copy-streams', () => import('pg-copy-streams'));
  const { dialect: named = 'postgres' } = options;
  const dialect: Dialect = typeof named === 'string' ? dialects[named] : named;
  const where = url.replace(/\/\/[^@/]*@/, '//');
  const pool: Pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 4,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    application_name: 'millrace',
  });
  // A connection that breaks fails what is sent on it and is replaced; without listeners it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    // What fails here fails what is sent after it, and is said there.
    if (dialect.session !== undefined) client.query(dialect.session).catch(() => undefined);
  });

  const attempt = async <Result>(table: Table | undefined, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw failure(error, where, table);
    }
  };
  const transaction = (
    table: Table,
    work: (client: PoolClient) => Promise<void>,
    prepare = async (_client: PoolClient) => {},
  ): Promise<void> =>
    attempt(table, async () => {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await prepare(client);
        await client.query('BEGIN');
        await work(client);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK').catch((lost: Error) => (broken = lost));
        throw error;
      } finally {
        client.release(broken);
      }
    });
  const stages = new WeakMap<PoolClient, Set<string>>();
  /** Makes a stage once for a connection, outside of transactions: one that is rolled back would take it along. */
  const makeStage = async (client: PoolClient, { name, columns }: Stage): Promise<void> => {
    let made = stages.get(client);
    if (made === undefined) stages.set(client, (made = new Set()));
    if (made.has(name)) return;
    const definitions = columns.map((column) => `${quoted(column.name)} ${dialect.types[column.type]}`);
    await client.query(
      `CREATE TEMP TABLE IF NOT EXISTS ${quoted(name)} (${definitions.join(', ')})${dialect.stageSuffix}`,
    );
    made.add(name);
  };
  const fillStage = async (
    client: PoolClient,
    { name, columns }: Stage,
    rows: readonly Row[],
  ): Promise<void> => {
    if (dialect.copies) {
      const into = client.query(
        copyFrom(`COPY ${quoted(name)} (${quotedList(columns.map((column) => column.name))}) FROM STDIN`),
      );
      await pipeline(Readable.from(copyText(columns, rows), { objectMode: false }), into);
      return;
    }
    const perStatement = Math.floor(maxParameters / columns.length);
    for (let start = 0; start < rows.length; start += perStatement) {
      const part = rows.slice(start, start + perStatement);
      const places = part.map(
        (_, row) => `(${columns.map((_column, index) => `$${row * columns.length + index + 1}`).join(',')})`,
      );
      await client.query(
        `INSERT INTO ${quoted(name)} VALUES ${places.join(',')}`,
        part.flatMap((row) => columns.map((column) => parameter(column, row[column.name]))),
      );
    }
  };
  const throughStage = (
    table: Table,
    {
      stage,
      rows,
      sql,
    }: { readonly stage: Stage; readonly rows: readonly Row[]; readonly sql: readonly string[] },
  ): Promise<void> =>
    transaction(
      table,
      async (client) => {
        await fillStage(client, stage, rows);
        for (const text of sql) await client.query({ name: statementName(text), text });
      },
      (client) => makeStage(client, stage),
    );
  const select = async (table: Table, sql: string, values: readonly unknown[]): Promise<Row[]> => {
    const { rows } = await pool.query<Record<string, unknown>>(sql, [...values]);
    const numbers = table.columns
      .filter(({ type }) => type === 'long' || type === 'timestamp')
      .map(({ name }) => name);
    const json = table.columns.filter(({ type }) => type === 'json').map(({ name }) => name);
    for (const row of rows) {
      for (const name of numbers) if (row[name] !== null) row[name] = Number(row[name]);
      for (const name of json) if (row[name] !== null) row[name] = JSON.parse(row[name] as string);
    }
    return rows;
  };

  const storage = guarded({
    name: dialect.name,
    capabilities: capabilities(dialect),
    ensureTable: (table) =>
      attempt(table, async () => {
        let outcome: 'made' | 'found' = 'found';
        await transaction(table, async (client) => {
          await client.query(dialect.lock(table));
          outcome = await ensureTable(client, table, dialect);
        });
        return outcome;
      }),
    upsert: async (table, rows) => {
      const stage = stageOf('stage', table.columns);
      await throughStage(table, {
        stage,
        rows: lastOfEach(table, rows),
        sql: dialect.merge(table, stage.name),
      });
    },
    remove: (table, keys) => {
      const stage = stageOf('gone', identityColumns(table));
      return throughStage(table, { stage, rows: keys, sql: dialect.remove(table, stage.name) });
    },
    read: (table, query = {}) =>
      attempt(table, () => {
        const { where: condition, values } = conditions(table, query);
        const limit = query.limit === undefined ? '' : ` LIMIT ${query.limit}`;
        return select(
          table,
          `SELECT ${selected(table)} FROM ${quotedTable(table)} AS found${condition} ORDER BY ${ordered(table, query.order)}${limit}`,
          values,
        );
      }),
    latest: (table, query = {}) =>
      attempt(table, () => {
        const { where: condition, values } = conditions(table, query);
        const limit = query.limit === undefined ? '' : ` LIMIT ${query.limit}`;
        const newest = dialect.newest(table, condition);
        return select(
          table,
          `SELECT ${selected(table)} FROM (${newest}) AS found ORDER BY ${ordered(table, 'desc')}${limit}`,
          values,
        );
      }),
    deleteBefore: (table, timeMs) =>
      attempt(table, async () => {
        const sql = `DELETE FROM ${quotedTable(table)} WHERE ${quoted(table.time as string)} < $1`;
        await pool.query(sql, [timestampText(Math.max(timeMs, capabilities(dialect).minTimestampMs))]);
      }),
    health: () =>
      attempt(undefined, async () => {
        await pool.query('SELECT 1');
        return { ok: true, detail: where };
      }),
    close: () => pool.end(),
  });
  const health = await storage.health();
  if (health.ok) return storage;
  await pool.end();
  return attempt(undefined, async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
    await client.connect().finally(() => client.end().catch(() => undefined));
    throw new StorageError('STORAGE_UNAVAILABLE', health.detail);
  });
}

/** A temporary table that rows are copied to. */
interface Stage {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** Temporary tables live as long as their connection: one for each set of columns. */
function stageOf(purpose: string, columns: readonly Column[]): Stage {
  const text = JSON.stringify(columns.map(({ name, type }) => [name, type]));
  return { name: `${purpose}_${digest(text)}`, columns };
}

/** By which a connection knows a statement that it has prepared. */
function statementName(sql: string): string {
  return `sql_${digest(sql)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

async function ensureTable(client: PoolClient, table: Table, dialect: Dialect): Promise<'made' | 'found'> {
  const found = await findTable(client, table);
  if (found === undefined) {
    const { space } = splitName(table.name);
    if (space !== undefined) await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(space)}`);
    for (const sql of dialect.create(table)) await client.query(sql);
    return 'made';
  }
  const error = shapeError(table, dialect.catalogTypes, found);
  if (error !== undefined) throw error;
  for (const column of table.columns) {
    if (found.columns.has(column.name)) continue;
    await client.query(
      `ALTER TABLE ${quotedTable(table)} ADD COLUMN ${quoted(column.name)} ${dialect.types[column.type]}`,
    );
  }
  return 'found';
}

async function findTable(
  client: PoolClient,
  table: Table,
): Promise<{ columns: Map<string, string>; identity: string[] } | undefined> {
  const { own, space = null } = splitName(table.name);
  const name = [own, space];
  const columns = await client.query<{ column_name: string; data_type: string }>(
    `SELECT column_name, data_type FROM information_schema.columns
     WHERE table_schema = coalesce($2, current_schema()) AND table_name = $1`,
    name,
  );
  if (columns.rows.length === 0) return undefined;
  const key = await client.query<{ column_name: string }>(
    `SELECT k.column_name FROM information_schema.key_column_usage k
     JOIN information_schema.table_constraints c ON c.constraint_name = k.constraint_name
       AND c.constraint_schema = k.constraint_schema AND c.table_name = k.table_name
     WHERE c.constraint_type = 'PRIMARY KEY' AND k.table_schema = coalesce($2, current_schema()) AND k.table_name = $1
     ORDER BY k.ordinal_position`,
    name,
  );
  return {
    columns: new Map(columns.rows.map((row) => [row.column_name, row.data_type])),
    identity: key.rows.map((row) => row.column_name),
  };
}

/** Columns as they are read: times as milliseconds, so that no driver's or server's zone takes part. */
function selected(table: Table): string {
  const expressions = table.columns.map(({ name, type }) => {
    if (type === 'timestamp')
      return `(extract(epoch FROM ${quoted(name)}) * 1000)::bigint AS ${quoted(name)}`;
    return type === 'json' ? `${quoted(name)}::text AS ${quoted(name)}` : quoted(name);
  });
  return expressions.join(', ');
}

function ordered(table: Table, order: ReadQuery['order']): string {
  // With the table's name, as the name alone would be the converted column, which no index has.
  const time =
    table.time === undefined ? [] : [`found.${quoted(table.time)} ${order === 'desc' ? 'DESC' : 'ASC'}`];
  return [...time, ...table.key.map((name) => `found.${quoted(name)}`)].join(', ');
}

function conditions(table: Table, query: ReadQuery): { where: string; values: unknown[] } {
  const parts: string[] = [];
  const values: unknown[] = [];
  const add = (column: Column, sign: string, value: unknown): void => {
    values.push(parameter(column, value));
    parts.push(`${quoted(column.name)} ${sign} $${values.length}`);
  };
  for (const column of identityColumns(table)) {
    if (column.name !== table.time && query.key !== undefined) add(column, '=', query.key[column.name]);
    if (column.name !== table.time) continue;
    const { minTimestampMs, maxTimestampMs } = capabilities(dialects.postgres);
    if (query.fromMs !== undefined && query.fromMs > minTimestampMs)
      add(column, '>=', Math.min(query.fromMs, maxTimestampMs));
    if (query.toMs !== undefined && query.toMs <= maxTimestampMs)
      add(column, '<', Math.max(query.toMs, minTimestampMs));
  }
  return { where: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, values };
}

function parameter(column: Column, value: unknown): unknown {
  if (value == null) return null;
  if (column.type === 'timestamp') return timestampText(value as number);
  return column.type === 'json' ? JSON.stringify(value) : value;
}

const unavailable = /^(08|40|53|55|57)|^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/;

function failure(cause: unknown, where: string, table?: Table): StorageError {
  if (cause instanceof StorageError) return cause;
  const { code = '', message } = cause as { code?: string; message: string };
  if (table !== undefined && (code === '42P01' || code === '3F000')) return missingTable(table, cause);
  if (/^(28|42501)/.test(code)) {
    return new StorageError(
      'STORAGE_CREDENTIALS',
      `${where} refused the log-in or a right is missing (${message}): check user, password and grants.`,
      { cause },
    );
  }
  if (unavailable.test(code) || code === '') {
    return new StorageError(
      'STORAGE_UNAVAILABLE',
      `${where} cannot be reached or is overloaded: ${message || code}.`,
      { cause },
    );
  }
  return new StorageError('STORAGE_FAILED', `${where}: ${message} (${code}).`, { cause });
}
