import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ColdKeys, ColdRow, DueRow } from '@millrace/windowing';
import { checkedRow, rowChecksum } from './checked-row.ts';
import type { StoredRow } from './checked-row.ts';
import { diskError } from './disk-error.ts';
import { KeyFilter } from './key-filter.ts';

export interface DiskKeysOptions {
  readonly database: DatabaseSync;
  /** Where the database is. */
  readonly dir: string;
  /** A name that no other table of the database has. */
  readonly table: string;
  /** The way to rows takes no more memory than this; without one, every row is looked for. */
  readonly mostFilterBytes: number;
}

/** A filter, which cannot forget, is made anew when it has this many numbers besides four times those that are there. */
const spareNumbers = 4096;

/** The rows of keys as a table of a database, to be found by number and by when they are due. */
export class DiskKeys implements ColdKeys {
  nextDueMs = Infinity;
  readonly #options: DiskKeysOptions;
  readonly #statements: Record<'get' | 'put' | 'delete' | 'due' | 'next' | 'from', StatementSync>;
  #filter: KeyFilter | undefined = new KeyFilter();
  /** Numbers that the filter has got, and rows that are there. */
  #noted = 0;
  #rows = 0;

  /** @throws STREAMS_STATE, as all of its calls: it cannot be written or read */
  constructor(options: DiskKeysOptions) {
    const { database, table } = options;
    this.#options = options;
    this.#statements = this.#doing('write', () => {
      database.exec(
        `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, due REAL NOT NULL, crc INTEGER NOT NULL, bytes BLOB NOT NULL);
         CREATE INDEX ${table}_due ON ${table} (due)`,
      );
      const select = `SELECT id, due AS dueMs, crc, bytes FROM ${table}`;
      return {
        get: database.prepare(`${select} WHERE id = ?`),
        put: database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?)`),
        delete: database.prepare(`DELETE FROM ${table} WHERE id = ?`),
        due: database.prepare(`${select} WHERE due < ? ORDER BY due LIMIT ?`),
        next: database.prepare(`SELECT min(due) AS due FROM ${table}`),
        from: database.prepare(`${select} WHERE id >= ? ORDER BY id`),
      };
    });
  }

  get memoryBytes(): number {
    return this.#filter?.memoryBytes ?? 0;
  }

  get(id: number): Uint8Array | undefined {
    if (this.#filter?.has(id >>> 0) === false) return undefined;
    return this.#doing('read', () => {
      const row = this.#statements.get.get(id) as StoredRow | undefined;
      return row && checkedRow(row).bytes;
    });
  }

  put(rows: Iterable<DueRow>): void {
    const { database, mostFilterBytes } = this.#options;
    this.#doing('write', () => {
      database.exec('BEGIN');
      for (const { id, dueMs, bytes } of rows) {
        this.#statements.put.run(id, dueMs, rowChecksum(id, bytes), bytes);
        this.#filter?.add(id >>> 0);
        this.#noted++;
        this.#rows++;
        this.nextDueMs = Math.min(this.nextDueMs, dueMs);
      }
      database.exec('COMMIT');
    });
    if (this.#noted > spareNumbers + 4 * this.#rows) this.#noteAnew();
    if (this.memoryBytes > mostFilterBytes) this.#filter = undefined;
  }

  delete(id: number): void {
    this.#doing('write', () => this.#statements.delete.run(id));
    this.#rows--;
  }

  due(beforeMs: number, most: number): readonly DueRow[] {
    return this.#doing('read', () => {
      const rows = this.#statements.due.all(beforeMs, most) as unknown as (StoredRow & DueRow)[];
      // Those that are given back are deleted next; what is due later is asked for when they are gone.
      if (rows.length === 0)
        this.nextDueMs = (this.#statements.next.get()!['due'] as number | null) ?? Infinity;
      rows.forEach(checkedRow);
      return rows;
    });
  }

  *from(id: number): Iterable<ColdRow> {
    const rows = this.#statements.from.iterate(id) as Iterator<unknown> as Iterator<StoredRow, null>;
    try {
      for (;;) {
        const { done, value } = this.#doing('read', () => rows.next());
        if (done === true) return;
        yield this.#doing('read', () => checkedRow(value));
      }
    } finally {
      rows.return?.();
    }
  }

  #noteAnew(): void {
    this.#filter = new KeyFilter();
    for (const { id } of this.from(0)) this.#filter.add(id >>> 0);
    this.#noted = this.#rows;
  }

  #doing<T>(what: 'read' | 'write', work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw diskError(what, this.#options.dir, error);
    }
  }
}
