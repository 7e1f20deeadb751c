import type { FileRow, RowFault } from './row-to-event.ts';

/** A row of a file with its place. */
export interface PlacedRow {
  /** From 1; of the file's lines, or of its rows where it has no lines. */
  readonly line: number;
  /** Where the next row begins: handed to `from` to go on behind this one. */
  readonly next: number;
  readonly original: Buffer;
  /** Or what is wrong with the place's bytes. */
  readonly row: FileRow | RowFault;
}

/** A file that can be read from any of its places. */
export interface FileRows {
  /** Rows from a place on; `after` says what came before it. */
  read(after?: { readonly next: number; readonly line: number }): AsyncIterable<readonly PlacedRow[]>;
}
