import { setTimeout as sleep } from 'node:timers/promises';
import { type Row, type StorageAdapter, StorageError } from '@millrace/storage';
import type { ResultRow } from '@millrace/views';
import type { ServedView } from './catalogue.ts';
import { DashboardError } from './errors.ts';
import { toResultRow } from './result-rows.ts';

const RETRY_AFTER_MS = 2_000;

export interface HistoryOptions {
  /** Opens the store; called again while it fails. */
  readonly open: () => Promise<StorageAdapter>;
  /** How the store is called in messages, without a password. */
  readonly name: string;
}

/** Which rows to read: the newest `limit` of those whose window starts in `[fromMs, toMs)`. */
export interface HistoryRange {
  readonly fromMs: number;
  readonly toMs?: number;
  readonly limit: number;
}

/** Reads results that were stored. */
export interface History {
  readonly status: { readonly ok: boolean; readonly detail: string };
  /**
   * Rows of the view, oldest first, and whether there were more; of a view whose rows have no time, any of them.
   * @throws DASHBOARD_STORE while the store does not answer
   */
  rows(view: ServedView, range: HistoryRange): Promise<{ rows: ResultRow[]; truncated: boolean }>;
  stop(): Promise<void>;
}

/** Opens the store in the background and reads views from it. Tables are the sinks' to make: one that is not there yet has no rows. */
export function openHistory(options: HistoryOptions): History {
  const { open, name } = options;
  const stopping = new AbortController();
  let store: StorageAdapter | undefined;
  let status = { ok: false, detail: `${name} has not answered yet` };

  async function connect(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        store = await open();
        status = { ok: true, detail: name };
        return;
      } catch (error) {
        status = { ok: false, detail: `${name}: ${error instanceof Error ? error.message : String(error)}` };
        await sleep(RETRY_AFTER_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  const connecting = connect();
  return {
    get status() {
      return status;
    },
    async rows(view, { limit, ...asked }) {
      // A table without a time has one row per key, whatever the range.
      const range = view.timeOf === 'nothing' ? {} : asked;
      if (store === undefined) throw storeError(status.detail);
      let found: Row[];
      try {
        found = await store.read(view.table, { ...range, limit: limit + 1, order: 'desc' });
        status = { ok: true, detail: name };
      } catch (error) {
        if (error instanceof StorageError && error.code === 'STORAGE_TABLE_MISSING')
          return { rows: [], truncated: false };
        status = { ok: false, detail: `${name}: ${error instanceof Error ? error.message : String(error)}` };
        throw storeError(status.detail, error);
      }
      const rows = found.slice(0, limit).map((values) => toResultRow(view, values));
      return { rows: rows.reverse(), truncated: found.length > limit };
    },
    async stop() {
      stopping.abort();
      await connecting;
      await store?.close();
    },
  };
}

function storeError(detail: string, cause?: unknown): DashboardError {
  return new DashboardError('DASHBOARD_STORE', `The store cannot be read: ${detail}`, {
    cause,
    retriable: true,
  });
}
