/** What can go wrong with a store; the message names the thing, the value and the remedy. */
export type StorageErrorCode =
  /** A storage address that no adapter takes. */
  | 'STORAGE_URL'
  /** The package that an adapter stands on is not installed. */
  | 'STORAGE_PEER_MISSING'
  /** A table description that cannot be a table: names, keys, types. */
  | 'STORAGE_TABLE'
  /** The store has a table of that name with other columns or another key. */
  | 'STORAGE_TABLE_SHAPE'
  /** The store does not have the table (any more): `ensureTable`, then write all rows again. */
  | 'STORAGE_TABLE_MISSING'
  /** A row that does not fit its table or the store's limits; see {@link StorageError.rows}. */
  | 'STORAGE_ROW'
  /** A read that asks for something the table does not have. */
  | 'STORAGE_QUERY'
  /** User, password, role or key refused. */
  | 'STORAGE_CREDENTIALS'
  /** The store cannot be reached, or is overloaded: try again later. */
  | 'STORAGE_UNAVAILABLE'
  /** A file or object of that name is there already, with other contents. */
  | 'STORAGE_CONFLICT'
  /** The adapter was closed. */
  | 'STORAGE_CLOSED'
  /** Anything else that the store said; repeating does not help. */
  | 'STORAGE_FAILED';

/** Error of this library. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;
  /** Whether the same call may succeed later. */
  readonly retriable: boolean;
  /** With `STORAGE_ROW`: indexes of the refused rows within the call's `rows`; nothing was written. */
  readonly rows: readonly number[];

  constructor(
    code: StorageErrorCode,
    message: string,
    options: ErrorOptions & { readonly rows?: readonly number[] } = {},
  ) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
    this.retriable = code === 'STORAGE_UNAVAILABLE';
    this.rows = options.rows ?? [];
  }
}
