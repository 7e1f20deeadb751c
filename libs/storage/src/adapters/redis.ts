import { createHash } from 'node:crypto';
import type { Capabilities, ReadQuery, Row, StorageAdapter, Table } from '../contract.ts';
import { StorageError } from '../errors.ts';
import { guarded } from '../guarded.ts';
import { loadPeer } from '../load-peer.ts';
import { compareRows } from '../order-rows.ts';
import { missingTable, shapeError } from '../table-shape.ts';
import { identityColumns } from '../table.ts';
import { scripts } from './redis-scripts.ts';

/** What an address does not say. */
export interface RedisOptions {
  /** Put before every key; `millrace` by default. */
  readonly prefix?: string;
}

const capabilities: Capabilities = {
  durable: true,
  expiresRows: true,
  maxKeyBytes: 65_536,
  // Of Redis' own 512 MiB; a serving row is small.
  maxRowBytes: 16 << 20,
  minTimestampMs: -8.64e15,
  maxTimestampMs: 8.64e15,
  nulInText: true,
};

/** Rows in one script call: it holds up all other clients while it runs, for about a millisecond; Lua hands on 8,000 values at most. */
const rowsPerCall = 500;
const fieldsPerCall = 1_000;
const connectTimeoutMs = 5_000;
const commandTimeoutMs = 30_000;
const types = {
  string: 'string',
  long: 'long',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  json: 'json',
};

/**
 * Rows in Redis 7. Of a table `t` under the prefix `p`, `p:{t}:row:KEY` is a hash of a key's rows as JSON by
 * time, KEY being a JSON array of the key's values; sorted sets by time stand beside it.
 */
export async function redisStorage(url: string, options: RedisOptions = {}): Promise<StorageAdapter> {
  const { createClient } = await loadPeer('redis', () => import('redis'));
  const prefix = options.prefix ?? 'millrace';
  const where = withoutPassword(url);
  const client = createClient({
    url,
    // Replies as the plain protocol has them: newer ones nest scores and give them as numbers.
    RESP: 2,
    disableOfflineQueue: true,
    commandOptions: { timeout: commandTimeoutMs },
    socket: {
      connectTimeout: connectTimeoutMs,
      reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 5_000) * (0.5 + Math.random() / 2),
    },
  });
  // Every command reports its own failure; without a listener a lost connection would end the process.
  client.on('error', () => undefined);
  const attempt = async <Result>(work: () => Promise<Result>, table?: Table): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw failure(error, where, table);
    }
  };
  await attempt(() =>
    connectOnce(
      client,
      createClient({ url, socket: { connectTimeout: connectTimeoutMs, reconnectStrategy: false } }),
    ),
  );

  const base = (table: Table): string => `${prefix}:{${table.name}}`;
  const call = async (script: string, table: Table, args: readonly string[]): Promise<unknown> => {
    const rest = ['1', base(table), ...args];
    try {
      return await client.sendCommand(['EVALSHA', sha1(script), ...rest]);
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return client.sendCommand(['EVAL', script, ...rest]);
    }
  };
  const checkThere = async (table: Table): Promise<void> => {
    if ((await client.exists(`${base(table)}:shape`)) === 0) throw missingTable(table);
  };
  const rowsOf = async (table: Table, ids: readonly (readonly [string, string])[]): Promise<Row[]> => {
    const byKey = Map.groupBy(ids, ([key]) => key);
    const found = [...byKey].flatMap(([key, members]) => {
      const calls: Promise<unknown>[] = [];
      for (let start = 0; start < members.length; start += fieldsPerCall) {
        const fields = members.slice(start, start + fieldsPerCall).map(([, time]) => time);
        calls.push(client.sendCommand(['HMGET', `${base(table)}:row:${key}`, ...fields]));
      }
      return calls;
    });
    const texts = (await Promise.all(found)).flat() as (string | null)[];
    // A row that expired or was removed meanwhile is not there any more.
    return texts.filter((text) => text !== null).map((text) => parseRow(table, text));
  };
  const members = async (table: Table, query: ReadQuery): Promise<(readonly [string, string])[]> => {
    const key = query.key === undefined ? undefined : keyJson(table, query.key);
    const set = key === undefined ? `${base(table)}:times` : `${base(table)}:key:${key}`;
    const from = query.fromMs === undefined ? '-inf' : String(query.fromMs);
    const to = query.toMs === undefined ? '+inf' : `(${query.toMs}`;
    const order =
      query.order === 'desc' ? ['ZREVRANGEBYSCORE', set, to, from] : ['ZRANGEBYSCORE', set, from, to];
    const limit = query.limit === undefined ? [] : ['LIMIT', '0', String(query.limit)];
    let found = (await client.sendCommand([...order, ...limit])) as string[];
    const last = found.at(-1);
    if (query.limit !== undefined && last !== undefined && key === undefined) {
      // Rows of the last time may have been cut by another order than ours: take all of them.
      const time = last.slice(last.lastIndexOf(' ') + 1);
      const tied = (await client.sendCommand(['ZRANGEBYSCORE', set, time, time])) as string[];
      found = [...new Set([...found, ...tied])];
    }
    return found.map((member) => {
      if (key !== undefined) return [key, member];
      const space = member.lastIndexOf(' ');
      return [member.slice(0, space), member.slice(space + 1)];
    });
  };
  const read = async (table: Table, query: ReadQuery): Promise<Row[]> => {
    await checkThere(table);
    const rows = await rowsOf(table, await members(table, query));
    return rows.sort(compareRows(table, query.order)).slice(0, query.limit);
  };

  return guarded({
    name: 'redis',
    capabilities,
    ensureTable: (table) =>
      attempt(async () => {
        const shape = JSON.stringify({
          columns: Object.fromEntries(table.columns.map((column) => [column.name, column.type])),
          identity: identityColumns(table).map((column) => column.name),
        });
        const before = (await call(scripts.ensureTable, table, [shape])) as string | null;
        if (before === null) return 'made';
        const { columns, identity: found } = JSON.parse(before) as {
          columns: Record<string, string>;
          identity: string[];
        };
        const error = shapeError(table, types, {
          columns: new Map(Object.entries(columns)),
          identity: found,
        });
        if (error !== undefined) throw error;
        return 'found';
      }),
    upsert: (table, rows) =>
      attempt(async () => {
        const seconds = table.retentionMs === undefined ? '' : String(Math.ceil(table.retentionMs / 1_000));
        await inCalls(rows, (part) =>
          call(scripts.upsert, table, [seconds, ...upsertArguments(table, part)]),
        );
      }, table),
    remove: (table, keys) =>
      attempt(async () => {
        await inCalls(keys, (part) => {
          const ids = part.flatMap((key) => [keyJson(table, key), timeText(table, key)]);
          return call(scripts.remove, table, ids);
        });
      }, table),
    read: (table, query = {}) => attempt(() => read(table, query), table),
    latest: (table, query = {}) =>
      attempt(async () => {
        if (table.time === undefined) return read(table, query);
        if (query.key !== undefined) return read(table, { ...query, order: 'desc', limit: 1 });
        await checkThere(table);
        const found = (await client.sendCommand([
          'ZRANGE',
          `${base(table)}:latest`,
          '0',
          '-1',
          'REV',
          'WITHSCORES',
        ])) as string[];
        const ids: [string, string][] = [];
        for (let index = 0; index < found.length; index += 2)
          ids.push([found[index] as string, scoreText(found[index + 1] as string)]);
        const rows = await rowsOf(table, ids);
        return rows.sort(compareRows(table, 'desc')).slice(0, query.limit);
      }, table),
    deleteBefore: (table, timeMs) =>
      attempt(async () => {
        while ((await call(scripts.deleteBefore, table, [`(${timeMs}`, String(rowsPerCall)])) !== 0);
      }, table),
    health: () =>
      attempt(async () => {
        await client.sendCommand(['PING']);
        return { ok: true, detail: where };
      }),
    close: async () => client.destroy(),
  });
}

/** Connects; a first failure is reported at once, as later ones are not: those are waited out. */
async function connectOnce(
  client: { connect(): Promise<unknown> },
  probe: {
    on(event: 'error', listener: () => void): unknown;
    connect(): Promise<unknown>;
    destroy(): void;
    readonly isOpen: boolean;
  },
): Promise<void> {
  probe.on('error', () => undefined);
  try {
    await probe.connect();
  } finally {
    if (probe.isOpen) probe.destroy();
  }
  await client.connect();
}

/** All calls at once, one behind the other on the connection: they run in this order. */
async function inCalls(
  rows: readonly Row[],
  send: (part: readonly Row[]) => Promise<unknown>,
): Promise<void> {
  const calls: Promise<unknown>[] = [];
  for (let start = 0; start < rows.length; start += rowsPerCall)
    calls.push(send(rows.slice(start, start + rowsPerCall)));
  await Promise.all(calls);
}

/** Rows by key, as the script takes them. */
function upsertArguments(table: Table, rows: readonly Row[]): string[] {
  const args: string[] = [];
  for (const [key, own] of Map.groupBy(rows, (row) => keyJson(table, row))) {
    args.push(key, String(own.length));
    for (const row of own) args.push(timeText(table, row), formatRow(table, row));
  }
  return args;
}

function keyJson(table: Table, row: Row): string {
  return JSON.stringify(table.key.map((name) => row[name]));
}

function timeText(table: Table, row: Row): string {
  return table.time === undefined ? '0' : String(row[table.time]);
}

/** A score as our times are written: Redis gives large ones an exponent. */
function scoreText(score: string): string {
  return String(Number(score));
}

function formatRow(table: Table, row: Row): string {
  const kept: Record<string, unknown> = {};
  for (const { name } of table.columns) {
    const value = row[name] ?? null;
    if (value !== null) kept[name] = value;
  }
  return JSON.stringify(kept);
}

function parseRow(table: Table, text: string): Row {
  const stored = JSON.parse(text) as Row;
  return Object.fromEntries(table.columns.map(({ name }) => [name, stored[name] ?? null]));
}

function sha1(script: string): string {
  return createHash('sha1').update(script).digest('hex');
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

function failure(cause: unknown, where: string, table?: Table): StorageError {
  if (cause instanceof StorageError) return cause;
  const { message } = cause as Error;
  if (table !== undefined && message.includes('NOTABLE')) return missingTable(table, cause);
  if (/^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)/.test(message)) {
    return new StorageError(
      'STORAGE_CREDENTIALS',
      `${where} refused the log-in (${message}): check user and password in the address.`,
      { cause },
    );
  }
  if (/^(ERR|WRONGTYPE|EXECABORT)/.test(message)) {
    return new StorageError('STORAGE_FAILED', `${where}: ${message}.`, { cause });
  }
  return new StorageError(
    'STORAGE_UNAVAILABLE',
    `${where} cannot be reached or is overloaded: ${message || (cause as Error).name}.`,
    { cause },
  );
}
