/** What a value is. `timestamp` is epoch milliseconds (UTC), `long` a safe integer, `json` any JSON value. */
export type ColumnType = 'string' | 'long' | 'double' | 'boolean' | 'timestamp' | 'json';

/** One column of a table. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** A table by the rows it holds; a row is identified by the values of `key` and, where there is one, of `time`. */
export interface Table {
  /**
   * A letter, then letters, digits and `_`, at most 63 characters (Keyspaces: 48). `SPACE.NAME` puts it into that
   * keyspace of Cassandra or schema of Postgres, made if need be; the other stores take the whole as its name.
   */
  readonly name: string;
  readonly columns: readonly Column[];
  /** Names of non-nullable columns, none of type `json` or `double`; may be empty. */
  readonly key: readonly string[];
  /** Name of the non-nullable `timestamp` column by which rows of a key are ordered; absent: one row per key. */
  readonly time?: string;
  /** How long rows are kept; by `time` in {@link StorageAdapter.deleteBefore}, since writing where the store expires rows itself. */
  readonly retentionMs?: number;
}

/** A row by column names; absent columns are null, properties that are no columns are ignored. */
export type Row = Readonly<Record<string, unknown>>;

/** What a store can take; a row beyond it is refused with `STORAGE_ROW` before anything is written. */
export interface Capabilities {
  /** What was upserted outlives the process. */
  readonly durable: boolean;
  /** The store itself deletes rows `retentionMs` after they were written. */
  readonly expiresRows: boolean;
  /** Most UTF-8 bytes that the key columns of a row may have together. */
  readonly maxKeyBytes: number;
  /** Most bytes of a row's text and JSON together. */
  readonly maxRowBytes: number;
  readonly minTimestampMs: number;
  readonly maxTimestampMs: number;
  /** Whether text may contain U+0000. */
  readonly nulInText: boolean;
}

/** Which rows to read; times are `[fromMs, toMs)`. */
export interface ReadQuery {
  /** Values of all key columns; absent: rows of every key. */
  readonly key?: Row;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Absent: all. */
  readonly limit?: number;
  /** By time, then key; `asc` by default. */
  readonly order?: 'asc' | 'desc';
}

export interface Health {
  readonly ok: boolean;
  /** One sentence for a person. */
  readonly detail: string;
}

/** One store. Every method rejects with a `StorageError`. */
export interface StorageAdapter {
  readonly name: string;
  readonly capabilities: Capabilities;
  /**
   * Makes the table, or adds the columns that it lacks; safe to call from several processes at once. Resolves with
   * `made` when it was not there: whoever wrote to it before has all of its rows to write again.
   *
   * @throws StorageError `STORAGE_TABLE_SHAPE` when a column has another type or the key differs
   */
  ensureTable(table: Table): Promise<'made' | 'found'>;
  /**
   * Writes rows, replacing those of the same key and time; of several in one call the last one stays.
   * Repeating a call changes nothing. All rows are checked before the first one is written.
   *
   * @throws StorageError `STORAGE_ROW` names the refused rows' indexes; `STORAGE_TABLE_MISSING` when the table is gone
   */
  upsert(table: Table, rows: readonly Row[]): Promise<void>;
  /** Deletes the rows of these keys (key columns and time); those that are not there are no error. */
  remove(table: Table, keys: readonly Row[]): Promise<void>;
  /** Rows by time, then key. Values have the table's types; null where a row was written without the column. */
  read(table: Table, query?: ReadQuery): Promise<Row[]>;
  /** The newest row of each key (or of one), newest first, then by key. */
  latest(table: Table, query?: Pick<ReadQuery, 'key' | 'limit'>): Promise<Row[]>;
  /** Deletes the rows whose time is before `timeMs`; a table without time keeps all. */
  deleteBefore(table: Table, timeMs: number): Promise<void>;
  /** Asks the store something small; does not reject. */
  health(): Promise<Health>;
  /** Releases connections and files; repeatable. */
  close(): Promise<void>;
}
