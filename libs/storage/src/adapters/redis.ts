import { createHash } from 'node:crypto';
import type { Capabilities, ReadQuery, Row, StorageAdapter, Table } from '../contract.ts';
import { StorageError } from '../errors.ts';
import { guarded } from '../guarded.ts';
import { loadPeer } from '../load-peer.ts';
import { compareRows } from '../order-rows.ts';
import { missingTable, shapeError } from '../table-shape.ts';
import { identityColumns } from '../table.ts';
import { idOf, idTimeMs, keyJson, parseRow, rowFormatter, rowId, timeOf } from './redis-rows.ts';
import { scripts } from './redis-scripts.ts';

/** What an address does not say. */
export interface RedisOptions {
  /** Put before every key; `millrace` by default. */
  readonly prefix?: string;
  /** A connection on which nothing moves for so long is given up and made anew; 30 s by default. */
  readonly silenceMs?: number;
}

const capabilities: Capabilities = {
  durable: true,
  expiresRows: false,
  maxKeyBytes: 65_536,
  // Of Redis' own 512 MiB; a serving row is small.
  maxRowBytes: 16 << 20,
  minTimestampMs: -8.64e15,
  maxTimestampMs: 8.64e15,
  nulInText: true,
};

/** Rows in one transaction or script: it holds up all other clients while it runs, for about a millisecond; Lua hands on 8,000 values at most. */
const rowsPerCall = 500;
const connectTimeoutMs = 5_000;
const silenceMs = 30_000;
const types = {
  string: 'string',
  long: 'long',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  json: 'json',
};

/**
 * Rows in Redis 7, in a handful of structures a table (see {@link scripts}), so that a batch is a handful of
 * commands, whatever its keys and times are.
 */
export async function redisStorage(url: string, options: RedisOptions = {}): Promise<StorageAdapter> {
  const { createClient, MultiErrorReply } = await loadPeer('redis', () => import('redis'));
  const prefix = options.prefix ?? 'millrace';
  const where = withoutPassword(url);
  const client = createClient({
    url,
    // Replies as the plain protocol has them: newer ones nest scores and give them as numbers.
    RESP: 2,
    disableOfflineQueue: true,
    // A connection without traffic is asked, so that silence means that nothing answers. (The driver's own limit
    // for commands ends when they are sent, and would tear one out of the middle of a transaction.)
    pingInterval: (options.silenceMs ?? silenceMs) / 3,
    socket: {
      connectTimeout: connectTimeoutMs,
      socketTimeout: options.silenceMs ?? silenceMs,
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
    if ((await client.exists(`${base(table)}:table`)) === 0) throw missingTable(table);
  };
  /** All rows or none, in one round trip, without waiting whether there is a table: if not, they are taken back. */
  const write = async (table: Table, rows: readonly Row[]): Promise<void> => {
    const transaction = client.multi().addCommand(['EXISTS', `${base(table)}:table`]);
    for (const command of upsertCommands(table, base(table), rows)) transaction.addCommand(command);
    const [tables] = await transaction.exec().catch((error: Error) => {
      throw error instanceof MultiErrorReply ? (error.errors().next().value ?? error) : error;
    });
    if (Number(tables) > 0) return;
    await call(scripts.discard, table, []);
    throw missingTable(table);
  };
  const rowsOf = async (table: Table, ids: readonly string[]): Promise<Row[]> => {
    const texts = await inCalls(ids, (part) =>
      client.sendCommand<(string | null)[]>(['HMGET', `${base(table)}:rows`, ...part]),
    );
    // A row that was removed meanwhile is not there any more.
    return texts
      .flat()
      .filter((text) => text !== null)
      .map((text) => parseRow(table, text));
  };
  const idsOfKey = async (table: Table, key: string, query: ReadQuery): Promise<string[]> => {
    const from = `[${idOf(key, query.fromMs ?? capabilities.minTimestampMs)}`;
    const to =
      query.toMs === undefined ? `[${idOf(key, capabilities.maxTimestampMs)}` : `(${idOf(key, query.toMs)}`;
    return client.sendCommand<string[]>(inOrder('LEX', `${base(table)}:keys`, from, to, query));
  };
  const idsOfAll = async (table: Table, query: ReadQuery): Promise<string[]> => {
    const set = `${base(table)}:times`;
    const from = query.fromMs === undefined ? '-inf' : String(query.fromMs);
    const to = query.toMs === undefined ? '+inf' : `(${query.toMs}`;
    const found = await client.sendCommand<string[]>(inOrder('SCORE', set, from, to, query));
    const last = found.at(-1);
    if (query.limit === undefined || last === undefined) return found;
    // Rows of the last time may have been cut by another order than ours: take all of them.
    const time = String(idTimeMs(last));
    const tied = await client.sendCommand<string[]>(['ZRANGEBYSCORE', set, time, time]);
    return [...new Set([...found, ...tied])];
  };
  const read = async (table: Table, query: ReadQuery): Promise<Row[]> => {
    await checkThere(table);
    const ids =
      query.key === undefined
        ? await idsOfAll(table, query)
        : await idsOfKey(table, keyJson(table, query.key), query);
    const rows = await rowsOf(table, ids);
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
        const before = (await call(scripts.ensureTable, table, [shape, secondsToLive(table)])) as
          string | null;
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
      attempt(async () => void (await inCalls(rows, (part) => write(table, part))), table),
    remove: (table, keys) =>
      attempt(async () => {
        await inCalls(keys, (part) => {
          const ids = part.flatMap((row) => [keyJson(table, row), rowId(table, row)]);
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
        const ids: string[] = [];
        for (let index = 0; index < found.length; index += 2)
          ids.push(idOf(found[index] as string, Number(found[index + 1])));
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
async function inCalls<Item, Reply>(
  items: readonly Item[],
  send: (part: readonly Item[]) => Promise<Reply>,
): Promise<Reply[]> {
  const calls: Promise<Reply>[] = [];
  for (let start = 0; start < items.length; start += rowsPerCall)
    calls.push(send(items.slice(start, start + rowsPerCall)));
  return Promise.all(calls);
}

function upsertCommands(table: Table, base: string, rows: readonly Row[]): string[][] {
  const format = rowFormatter(table);
  const fields = ['HSET', `${base}:rows`];
  const byKey = ['ZADD', `${base}:keys`];
  const byTime = ['ZADD', `${base}:times`];
  const newest = new Map<string, number>();
  for (const row of rows) {
    const key = keyJson(table, row);
    const timeMs = timeOf(table, row);
    const id = idOf(key, timeMs);
    fields.push(id, format(row));
    byKey.push('0', id);
    byTime.push(String(timeMs), id);
    if (!(timeMs <= (newest.get(key) ?? -Infinity))) newest.set(key, timeMs);
  }
  const latest = ['ZADD', `${base}:latest`, 'GT'];
  for (const [key, timeMs] of newest) latest.push(String(timeMs), key);
  const commands = [fields, byKey, byTime, latest];
  const seconds = secondsToLive(table);
  if (seconds !== '') commands.push(...commands.map(([, name]) => ['EXPIRE', name as string, seconds]));
  return commands;
}

/** Of the whole table: in Redis 7 neither a field of a hash nor a member of a set expires by itself. */
function secondsToLive(table: Table): string {
  return table.retentionMs === undefined ? '' : String(Math.ceil(table.retentionMs / 1_000));
}

function inOrder(by: 'LEX' | 'SCORE', set: string, from: string, to: string, query: ReadQuery): string[] {
  const order =
    query.order === 'desc' ? [`ZREVRANGEBY${by}`, set, to, from] : [`ZRANGEBY${by}`, set, from, to];
  return query.limit === undefined ? order : [...order, 'LIMIT', '0', String(query.limit)];
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
