import type { checkOverflow } from './check-overflow.ts';
import type { coldPanes } from './cold-panes.ts';
import type { coldSessions } from './cold-sessions.ts';
import type { coldStates } from './cold-states.ts';

/** Bytes under a 32-bit number. */
export interface ColdRow {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** What an operator needs of a disk to keep the cells of one pane there. */
export interface ColdRows {
  /** The bytes of a number, or undefined when there are none; valid until the next call. */
  get(id: number): Uint8Array | undefined;
  /** Writes rows, which come by ascending number, in place of those that were there. */
  put(rows: Iterable<ColdRow>): void;
  /** Rows by ascending number, from one on; nothing is written while they are read. */
  from(id: number): Iterable<ColdRow>;
  /** Deletes everything; nothing else is called any more. */
  drop(): void;
  /** What it holds in memory to find rows. */
  readonly memoryBytes: number;
}

/** A row that is to be looked at again at a time. */
export interface DueRow extends ColdRow {
  readonly dueMs: number;
}

/** What an operator needs of a disk to keep the whole state of keys there: rows under numbers of up to 38 bits. */
export interface ColdKeys {
  /** The bytes of a number, or undefined when there are none; valid until the next call. */
  get(id: number): Uint8Array | undefined;
  /** Writes rows, which come by ascending number, and none of which is there. */
  put(rows: Iterable<DueRow>): void;
  delete(id: number): void;
  /** No row is due before; Infinity when there is none. */
  readonly nextDueMs: number;
  /** Up to `most` of the rows that are due before a time, the earliest first. */
  due(beforeMs: number, most: number): readonly DueRow[];
  /** Rows by ascending number, from one on; nothing is written while they are read. */
  from(id: number): Iterable<ColdRow>;
  /** What it holds in memory to find rows. */
  readonly memoryBytes: number;
}

/** State of which a part may be outside of memory. */
export interface Overflowed {
  /** About what there is of it in memory, with what it takes to find the rest. */
  readonly memoryBytes: number;
  /** Cells that were put outside since the operator was built. */
  readonly spilled: number;
  /** Of those, the ones that were read again to go on with them. */
  readonly loaded: number;
  /**
   * Puts cells whose changes have been drained outside: those of panes in which nothing changed between the last two
   * `drainChanges`, or all. Does nothing while there are updates that have not been drained.
   */
  spill(which: 'idle' | 'all'): void;
}

/** Where cells go for which there is no room in memory. */
export interface Overflow {
  /** `checkOverflow`. */
  readonly check: typeof checkOverflow;
  /** `coldPanes` of `@millrace/windowing/overflow`: a part that only those carry who need it. */
  readonly panes: typeof coldPanes;
  /** As `panes`, `coldSessions`. */
  readonly sessions: typeof coldSessions;
  /** As `panes`, `coldStates`. */
  readonly keyed: typeof coldStates;
  /** A place for one more pane. */
  open(): ColdRows;
  /** A place for the keys of one operator. */
  openKeys(): ColdKeys;
  /** State was restored: if it is too much by now, `spill` is to be called for some of it. */
  relieve(): void;
}
