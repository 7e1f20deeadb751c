import type { Capabilities, ReadQuery, Row, StorageAdapter, Table } from '../contract.ts';
import { keyText } from '../check-query.ts';
import { StorageError } from '../errors.ts';
import { guarded } from '../guarded.ts';
import { compareRows } from '../order-rows.ts';
import { missingTable } from '../table-shape.ts';
import { identityColumns } from '../table.ts';

const capabilities: Capabilities = {
  durable: false,
  expiresRows: false,
  maxKeyBytes: 65_536,
  maxRowBytes: 16 << 20,
  minTimestampMs: -8.64e15,
  maxTimestampMs: 8.64e15,
  nulInText: true,
};

interface Stored {
  readonly table: Table;
  readonly rows: Map<string, Row>;
}

/** Rows in this process's memory, for tests; they are gone when it ends. */
export function memoryStorage(): StorageAdapter {
  const tables = new Map<string, Stored>();

  const stored = (table: Table): Stored => {
    const found = tables.get(table.name);
    if (found === undefined) {
      throw missingTable(table);
    }
    return found;
  };
  const identify = (table: Table): ((row: Row) => string) => {
    const names = identityColumns(table).map((column) => column.name);
    return (row) => keyText(names, row);
  };
  const select = (table: Table, query: ReadQuery): Row[] => {
    const { key, fromMs = -Infinity, toMs = Infinity } = query;
    const time = table.time;
    const wanted = key === undefined ? undefined : keyText(table.key, key);
    return [...stored(table).rows.values()].filter((row) => {
      const at = time === undefined ? undefined : (row[time] as number);
      if (at !== undefined && (at < fromMs || at >= toMs)) return false;
      return wanted === undefined || keyText(table.key, row) === wanted;
    });
  };
  const copy = (table: Table, row: Row): Row =>
    Object.fromEntries(table.columns.map(({ name }) => [name, copied(row[name] ?? null)]));

  return guarded({
    name: 'memory',
    capabilities,
    ensureTable: async (table) => {
      const found = tables.get(table.name);
      if (found !== undefined) checkShape(found.table, table);
      tables.set(table.name, { table, rows: found?.rows ?? new Map() });
      return found === undefined ? 'made' : 'found';
    },
    upsert: async (table, rows) => {
      const into = stored(table).rows;
      const identity = identify(table);
      for (const row of rows) into.set(identity(row), copy(table, row));
    },
    remove: async (table, keys) => {
      const from = stored(table).rows;
      const identity = identify(table);
      for (const key of keys) from.delete(identity(key));
    },
    read: async (table, query = {}) => {
      const rows = select(table, query).sort(compareRows(table, query.order));
      return rows.slice(0, query.limit).map((row) => copy(table, row));
    },
    latest: async (table, query = {}) => {
      const newest = new Map<string, Row>();
      for (const row of select(table, query).sort(compareRows(table)))
        newest.set(keyText(table.key, row), row);
      const rows = [...newest.values()].sort(compareRows(table, 'desc'));
      return rows.slice(0, query.limit).map((row) => copy(table, row));
    },
    deleteBefore: async (table, timeMs) => {
      const { rows } = stored(table);
      const identity = identify(table);
      for (const row of select(table, { toMs: timeMs })) rows.delete(identity(row));
    },
    health: async () => ({ ok: true, detail: `${tables.size} tables in memory` }),
    close: async () => tables.clear(),
  });
}

function checkShape(found: Table, wanted: Table): void {
  const identity = (table: Table): string => JSON.stringify([table.key, table.time ?? null]);
  const changed = wanted.columns.find((column) => {
    const before = found.columns.find((candidate) => candidate.name === column.name);
    return before !== undefined && before.type !== column.type;
  });
  if (changed === undefined && identity(found) === identity(wanted)) return;
  const what = changed === undefined ? 'another key' : `column ${changed.name} with another type`;
  throw new StorageError(
    'STORAGE_TABLE_SHAPE',
    `table ${wanted.name} is there with ${what}: use another name.`,
  );
}

function copied(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value;
}
