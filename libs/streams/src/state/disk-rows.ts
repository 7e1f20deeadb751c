import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ColdRow, ColdRows } from '@millrace/windowing';
import { StreamsError } from '../errors.ts';
import { messageOf } from '../kafka/broker-error.ts';
import { KeyFilter } from './key-filter.ts';

export interface DiskRowsOptions {
  readonly database: DatabaseSync;
  /** A name that no other table of the database has. */
  readonly table: string;
  /** The way to rows takes no more memory than this; without one, every row is looked for. */
  readonly mostFilterBytes: number;
  /** Called once it is dropped. */
  readonly onDrop: () => void;
}

/** The rows of one pane as a table of a database. */
export class DiskRows implements ColdRows {
  readonly #options: DiskRowsOptions;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #from: StatementSync;
  #filter: KeyFilter | undefined = new KeyFilter();

  constructor(options: DiskRowsOptions) {
    const { database, table } = options;
    this.#options = options;
    database.exec(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)`);
    this.#get = database.prepare(`SELECT bytes FROM ${table} WHERE id = ?`);
    this.#put = database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`);
    this.#from = database.prepare(`SELECT id, bytes FROM ${table} WHERE id >= ? ORDER BY id`);
  }

  get memoryBytes(): number {
    return this.#filter?.memoryBytes ?? 0;
  }

  get(id: number): Uint8Array | undefined {
    if (this.#filter?.has(id) === false) return undefined;
    return this.#get.get(id)?.['bytes'] as Uint8Array | undefined;
  }

  put(rows: Iterable<ColdRow>): void {
    const { database, mostFilterBytes } = this.#options;
    try {
      database.exec('BEGIN');
      for (const { id, bytes } of rows) {
        this.#put.run(id, bytes);
        this.#filter?.add(id);
      }
      database.exec('COMMIT');
    } catch (error) {
      throw new StreamsError(
        'STREAMS_STATE',
        `state could not be put on disk (${messageOf(error)}): make room in stateDir or raise maxStateBytes, and start again; nothing is lost`,
        { cause: error },
      );
    }
    if (this.memoryBytes > mostFilterBytes) this.#filter = undefined;
  }

  from(id: number): Iterable<ColdRow> {
    return this.#from.iterate(id) as Iterable<unknown> as Iterable<ColdRow>;
  }

  drop(): void {
    const { database, table, onDrop } = this.#options;
    database.exec(`DROP TABLE ${table}`);
    this.#filter = undefined;
    onDrop();
  }
}
