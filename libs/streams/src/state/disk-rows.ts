import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ColdRow, ColdRows } from '@millrace/windowing';
import { checkedRow, rowChecksum } from './checked-row.ts';
import type { StoredRow } from './checked-row.ts';
import { diskError } from './disk-error.ts';
import { KeyFilter } from './key-filter.ts';

export interface DiskRowsOptions {
  readonly database: DatabaseSync;
  /** Where the database is. */
  readonly dir: string;
  /** A name that no other table of the database has. */
  readonly table: string;
  /** The way to rows takes no more memory than this; without one, every row is looked for. */
  readonly mostFilterBytes: number;
  /** Called once it is dropped. */
  readonly onDrop: () => void;
}

/** The rows of one pane as a table of a database. Each has a checksum, which SQLite's pages have not. */
export class DiskRows implements ColdRows {
  readonly #options: DiskRowsOptions;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #from: StatementSync;
  #filter: KeyFilter | undefined = new KeyFilter();

  /** @throws STREAMS_STATE, as all of its calls: it cannot be written or read */
  constructor(options: DiskRowsOptions) {
    const { database, table } = options;
    this.#options = options;
    try {
      database.exec(
        `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, bytes BLOB NOT NULL)`,
      );
      this.#get = database.prepare(`SELECT id, crc, bytes FROM ${table} WHERE id = ?`);
      this.#put = database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?)`);
      this.#from = database.prepare(`SELECT id, crc, bytes FROM ${table} WHERE id >= ? ORDER BY id`);
    } catch (error) {
      throw this.#failed('write', error);
    }
  }

  get memoryBytes(): number {
    return this.#filter?.memoryBytes ?? 0;
  }

  get(id: number): Uint8Array | undefined {
    if (this.#filter?.has(id) === false) return undefined;
    try {
      const row = this.#get.get(id) as StoredRow | undefined;
      return row && checkedRow(row).bytes;
    } catch (error) {
      throw this.#failed('read', error);
    }
  }

  put(rows: Iterable<ColdRow>): void {
    const { database, mostFilterBytes } = this.#options;
    try {
      database.exec('BEGIN');
      for (const { id, bytes } of rows) {
        this.#put.run(id, rowChecksum(id, bytes), bytes);
        this.#filter?.add(id);
      }
      database.exec('COMMIT');
    } catch (error) {
      throw this.#failed('write', error);
    }
    if (this.memoryBytes > mostFilterBytes) this.#filter = undefined;
  }

  *from(id: number): Iterable<ColdRow> {
    const rows = this.#from.iterate(id) as Iterator<unknown> as Iterator<StoredRow, null>;
    try {
      for (;;) {
        const row = this.#next(rows);
        if (row === undefined) return;
        yield row;
      }
    } finally {
      rows.return?.();
    }
  }

  drop(): void {
    const { database, table, onDrop } = this.#options;
    try {
      database.exec(`DROP TABLE ${table}`);
    } catch (error) {
      throw this.#failed('write', error);
    }
    this.#filter = undefined;
    onDrop();
  }

  #next(rows: Iterator<StoredRow, null>): ColdRow | undefined {
    try {
      const { done, value } = rows.next();
      return done === true ? undefined : checkedRow(value);
    } catch (error) {
      throw this.#failed('read', error);
    }
  }

  #failed(what: 'read' | 'write', error: unknown): Error {
    return diskError(what, this.#options.dir, error);
  }
}
