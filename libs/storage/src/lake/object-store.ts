/** An object of a store, or a file of a folder. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

/** The few calls that the lake makes of a folder or an S3 bucket. Keys use `/`; every method rejects with a `StorageError`. */
export interface ObjectStore {
  /** For people and messages: where keys are. */
  readonly location: string;
  /**
   * Writes a whole object or nothing, and only if there is none of that key. Resolves with whether it was
   * written; `false` when one is there already, whatever its contents.
   */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /** The object, or `undefined` if there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Objects whose key begins with `prefix` (which ends in `/`), by key; those after `after` if it is given. */
  list(prefix: string, after?: string): AsyncIterable<StoredObject>;
  /** Deletes objects; those that are not there are no error. */
  delete(keys: readonly string[]): Promise<void>;
  health(): Promise<void>;
  close(): Promise<void>;
}
