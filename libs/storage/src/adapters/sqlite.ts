import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Capabilities, Column, ReadQuery, Row, StorageAdapter, Table } from '../contract.ts';
import { StorageError } from '../errors.ts';
import { guarded } from '../guarded.ts';
import { loadPeer } from '../load-peer.ts';
import { quoted, quotedList } from '../sql.ts';
import { missingTable, shapeError } from '../table-shape.ts';
import { identityColumns, valueColumns } from '../table.ts';

const capabilities: Capabilities = {
  durable: true,
  expiresRows: false,
  maxKeyBytes: 65_536,
  // Under SQLite's own limit of 10^9 bytes, and what one transaction should hold.
  maxRowBytes: 16 << 20,
  minTimestampMs: -8.64e15,
  maxTimestampMs: 8.64e15,
  nulInText: true,
};

/** Declared types: readable, and with the affinity (INTEGER, REAL, TEXT) that keeps values as they are. */
const declared: Record<Column['type'], string> = {
  string: 'TEXT',
  long: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN_INT',
  timestamp: 'TIMESTAMP_INT',
  json: 'JSON_TEXT',
};

/** How long a statement waits for another process's transaction. */
const busyTimeoutMs = 10_000;

/** Rows in one SQLite file, which several processes may have open; made when it is not there. */
export async function sqliteStorage(path: string): Promise<StorageAdapter> {
  const sqlite = await loadPeer('node:sqlite', () => import('node:sqlite'));
  const database = attempt(() => {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    const opened = new sqlite.DatabaseSync(path);
    opened.exec(
      `PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`,
    );
    return opened;
  }, path);
  const statements = new WeakMap<Table, Statements>();
  const prepared = (table: Table): Statements => {
    let found = statements.get(table);
    if (found === undefined) statements.set(table, (found = prepare(database, table)));
    return found;
  };
  const run = async <Result>(table: Table | undefined, work: () => Result): Promise<Result> =>
    attempt(work, path, table);

  return guarded({
    name: 'sqlite',
    capabilities,
    ensureTable: (table) => run(table, () => transaction(database, () => ensureTable(database, table))),
    upsert: (table, rows) =>
      run(table, () => {
        const { upsert } = prepared(table);
        const bind = binder(table.columns);
        transaction(database, () => {
          for (const row of rows) upsert.run(...bind(row));
        });
      }),
    remove: (table, keys) =>
      run(table, () => {
        const { remove } = prepared(table);
        const bind = binder(identityColumns(table));
        transaction(database, () => {
          for (const key of keys) remove.run(...bind(key));
        });
      }),
    read: (table, query = {}) => run(table, () => read(database, table, query)),
    latest: (table, query = {}) => run(table, () => latest(database, table, query)),
    deleteBefore: (table, timeMs) =>
      run(table, () => {
        const { name, time } = table;
        database.prepare(`DELETE FROM ${quoted(name)} WHERE ${quoted(time as string)} < ?`).run(timeMs);
      }),
    health: () =>
      run(undefined, () => {
        database.prepare('SELECT 1').get();
        return { ok: true, detail: path };
      }),
    close: async () => database.close(),
  });
}

interface Statements {
  readonly upsert: StatementSync;
  readonly remove: StatementSync;
}

function prepare(database: DatabaseSync, table: Table): Statements {
  const names = table.columns.map((column) => column.name);
  const identity = identityColumns(table).map((column) => column.name);
  const values = valueColumns(table).map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);
  const conflict = values.length === 0 ? 'NOTHING' : `UPDATE SET ${values.join(', ')}`;
  return {
    upsert: database.prepare(
      `INSERT INTO ${quoted(table.name)} (${quotedList(names)}) VALUES (${names.map(() => '?').join(', ')})
       ON CONFLICT (${quotedList(identity)}) DO ${conflict}`,
    ),
    remove: database.prepare(
      `DELETE FROM ${quoted(table.name)} WHERE ${identity.map((name) => `${quoted(name)} = ?`).join(' AND ')}`,
    ),
  };
}

function ensureTable(database: DatabaseSync, table: Table): 'made' | 'found' {
  const existing = database.prepare(
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE",
  );
  const before = existing.get(table.name);
  const name = quoted(table.name);
  const identity = identityColumns(table).map((column) => column.name);
  const definition = (column: Column): string => `${quoted(column.name)} ${declared[column.type]}`;
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (${table.columns
      .map((column) => definition(column) + (identity.includes(column.name) ? ' NOT NULL' : ''))
      .join(', ')}, PRIMARY KEY (${quotedList(identity)})) WITHOUT ROWID`,
  );
  const found = database.prepare(`PRAGMA table_info(${name})`).all() as {
    name: string;
    type: string;
    pk: number;
  }[];
  const error = shapeError(table, declared, {
    columns: new Map(found.map((column) => [column.name, column.type])),
    identity: found
      .filter((column) => column.pk > 0)
      .sort((a, b) => a.pk - b.pk)
      .map((column) => column.name),
  });
  if (error !== undefined) throw error;
  for (const column of table.columns) {
    if (found.some((existing) => existing.name === column.name)) continue;
    database.exec(`ALTER TABLE ${name} ADD COLUMN ${definition(column)}`);
  }
  if (table.time !== undefined && table.key.length > 0) {
    const index = quoted(`${table.name}_by_time`);
    database.exec(
      `CREATE INDEX IF NOT EXISTS ${index} ON ${name} (${quotedList([table.time, ...table.key])})`,
    );
  }
  return before === undefined ? 'made' : 'found';
}

function read(database: DatabaseSync, table: Table, query: ReadQuery): Row[] {
  const { where, values } = conditions(table, query);
  const order = query.order === 'desc' ? 'DESC' : 'ASC';
  const by = [
    ...(table.time === undefined ? [] : [`${quoted(table.time)} ${order}`]),
    ...table.key.map(quoted),
  ];
  const limit = query.limit === undefined ? '' : ` LIMIT ${query.limit}`;
  const names = quotedList(table.columns.map((column) => column.name));
  return select(
    database,
    table,
    `SELECT ${names} FROM ${quoted(table.name)}${where} ORDER BY ${by}${limit}`,
    values,
  );
}

function latest(database: DatabaseSync, table: Table, query: ReadQuery): Row[] {
  const { time } = table;
  if (time === undefined) return read(database, table, query);
  if (query.key !== undefined || table.key.length === 0)
    return read(database, table, { ...query, order: 'desc', limit: 1 });
  // SQLite gives, beside max(), the other columns of the row that has it.
  const names = table.columns.filter((column) => column.name !== time).map((column) => column.name);
  const limit = query.limit === undefined ? '' : ` LIMIT ${query.limit}`;
  const sql = `SELECT ${names.length === 0 ? '' : `${quotedList(names)}, `}max(${quoted(time)}) AS ${quoted(time)}
    FROM ${quoted(table.name)} GROUP BY ${quotedList(table.key)}
    ORDER BY max(${quoted(time)}) DESC, ${quotedList(table.key)}${limit}`;
  return select(database, table, sql, []);
}

function conditions(table: Table, query: ReadQuery): { where: string; values: SQLInputValue[] } {
  const parts: string[] = [];
  const values: SQLInputValue[] = [];
  if (query.key !== undefined) {
    const columns = identityColumns(table).filter((column) => column.name !== table.time);
    for (const { name } of columns) parts.push(`${quoted(name)} = ?`);
    values.push(...binder(columns)(query.key));
  }
  for (const [bound, sign] of [
    [query.fromMs, '>='],
    [query.toMs, '<'],
  ] as const) {
    if (bound === undefined) continue;
    parts.push(`${quoted(table.time as string)} ${sign} ?`);
    values.push(bound);
  }
  return { where: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, values };
}

function select(database: DatabaseSync, table: Table, sql: string, values: readonly SQLInputValue[]): Row[] {
  const found = database.prepare(sql).all(...values);
  const booleans = table.columns.filter((column) => column.type === 'boolean').map((column) => column.name);
  const json = table.columns.filter((column) => column.type === 'json').map((column) => column.name);
  return found.map((row) => {
    const copy: Record<string, unknown> = { ...row };
    for (const name of booleans) if (copy[name] !== null) copy[name] = copy[name] === 1;
    for (const name of json) if (copy[name] !== null) copy[name] = JSON.parse(copy[name] as string);
    return copy;
  });
}

/** Makes the values of a row to bind, in the columns' order; the array is the same one each time. */
function binder(columns: readonly Column[]): (row: Row) => SQLInputValue[] {
  const values = new Array<SQLInputValue>(columns.length);
  return (row) => {
    for (let index = 0; index < columns.length; index++) {
      const { name, type } = columns[index] as Column;
      const value = row[name] ?? null;
      if (value === null) values[index] = null;
      else if (type === 'boolean') values[index] = value === true ? 1 : 0;
      else if (type === 'json') values[index] = JSON.stringify(value);
      else values[index] = value as SQLInputValue;
    }
    return values;
  };
}

function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

// SQLite's result codes: BUSY, LOCKED, FULL, and CANTOPEN and IOERR, which a full or absent disk gives.
const passing = new Set([5, 6, 10, 13, 14]);

function attempt<Result>(work: () => Result, path: string, table?: Table): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof StorageError) throw cause;
    const { errcode, code, message } = cause as { errcode?: number; code?: string; message: string };
    if (table !== undefined && message.startsWith('no such table')) throw missingTable(table, cause);
    const isPassing =
      errcode !== undefined ? passing.has(errcode & 0xff) : code === 'ENOSPC' || code === 'EACCES';
    throw new StorageError(
      isPassing ? 'STORAGE_UNAVAILABLE' : 'STORAGE_FAILED',
      `SQLite file ${path}: ${message}${isPassing ? '; check that it can be written and that the disk has room' : ''}.`,
      { cause },
    );
  }
}
