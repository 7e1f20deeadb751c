import type { StorageAdapter, Table } from '@millrace/storage';

/** Old rows are looked for this often: seldom enough to cost nothing, often enough that a table does not grow unseen. */
const SWEEP_MS = 10 * 60_000;

export interface RetentionOptions {
  readonly storage: StorageAdapter;
  readonly tables: Iterable<Table>;
  readonly log: (line: string) => void;
  readonly now?: () => number;
}

/** Deletes rows past their table's retention, now and every ten minutes, where the store does not do so itself. Returns its end. */
export function keepRetention({ storage, tables, log, now = Date.now }: RetentionOptions): () => void {
  if (storage.capabilities.expiresRows) return () => undefined;
  const bounded = [...tables].filter((table) => table.retentionMs !== undefined && table.time !== undefined);
  const sweep = async () => {
    for (const table of bounded) await storage.deleteBefore(table, now() - (table.retentionMs ?? 0));
  };
  const run = () => void sweep().catch((error: Error) => log(`deleting old rows failed: ${error.message}`));
  run();
  const timer = setInterval(run, SWEEP_MS);
  return () => clearInterval(timer);
}
