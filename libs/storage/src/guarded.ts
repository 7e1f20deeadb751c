import type { Capabilities, ReadQuery, Row, StorageAdapter, Table } from './contract.ts';
import { checkQuery } from './check-query.ts';
import type { RowChecker } from './check-rows.ts';
import { rowChecker } from './check-rows.ts';
import { StorageError } from './errors.ts';
import { checkTable } from './table.ts';

/** What is left to do for a store when tables, rows and queries have been checked. */
export type Store = StorageAdapter;

/**
 * Puts the checks that all stores share in front of one: tables, rows and queries that do not fit never
 * reach it, empty calls do nothing, and nothing is sent after `close`.
 */
export function guarded(store: Store): StorageAdapter {
  const checkers = new WeakMap<Table, RowChecker>();
  let closing: Promise<void> | undefined;
  const limits: Capabilities = store.capabilities;
  const checker = (table: Table): RowChecker => {
    if (closing !== undefined)
      throw new StorageError('STORAGE_CLOSED', `the ${store.name} store was closed.`);
    let found = checkers.get(table);
    if (found === undefined) {
      checkTable(table);
      found = rowChecker(table, limits);
      checkers.set(table, found);
    }
    return found;
  };
  const read = <Query extends ReadQuery>(table: Table, query: Query): void => {
    checker(table);
    checkQuery(table, query, limits);
  };
  return {
    name: store.name,
    capabilities: limits,
    ensureTable: async (table) => {
      checker(table);
      return store.ensureTable(table);
    },
    upsert: async (table, rows: readonly Row[]) => {
      checker(table).rows(rows);
      if (rows.length > 0) await store.upsert(table, rows);
    },
    remove: async (table, keys) => {
      checker(table).keys(keys);
      if (keys.length > 0) await store.remove(table, keys);
    },
    read: async (table, query = {}) => {
      read(table, query);
      return query.limit === 0 ? [] : store.read(table, query);
    },
    latest: async (table, query = {}) => {
      read(table, query);
      return query.limit === 0 ? [] : store.latest(table, query);
    },
    deleteBefore: async (table, timeMs) => {
      read(table, table.time === undefined ? {} : { toMs: timeMs });
      if (table.time !== undefined) await store.deleteBefore(table, timeMs);
    },
    health: async () => {
      if (closing !== undefined) return { ok: false, detail: `the ${store.name} store was closed` };
      try {
        return await store.health();
      } catch (error) {
        return { ok: false, detail: (error as Error).message };
      }
    },
    close: () => (closing ??= store.close()),
  };
}
