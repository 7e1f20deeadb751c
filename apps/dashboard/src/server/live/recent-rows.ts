import { rowKey, type ResultRow } from '@millrace/views';

/** A row as it is now, or that it is gone. */
export type RowChange =
  | { readonly row: ResultRow }
  | { readonly removed: Pick<ResultRow, 'windowStart'> & Record<string, unknown> };

/** What changed after a sequence number: each row once, in its newest form. */
export interface Changes {
  readonly rows: readonly ResultRow[];
  readonly removed: readonly Pick<ResultRow, 'windowStart'>[];
}

/**
 * The newest form of the rows that changed last, in the order of their last change, up to `maxRows`. Since a row
 * replaces its older forms, what a reader missed since any sequence number is what is left here after it.
 */
export class RecentRows {
  readonly #maxRows: number;
  readonly #keyColumns: readonly string[];
  readonly #changes = new Map<string, { sequence: number; change: RowChange }>();
  #forgottenUpTo = -1;

  constructor(keyColumns: readonly string[], maxRows: number) {
    this.#keyColumns = keyColumns;
    this.#maxRows = maxRows;
  }

  get size(): number {
    return this.#changes.size;
  }

  /** Whether everything after `sequence` is still here. */
  reachesBackTo(sequence: number): boolean {
    return sequence >= this.#forgottenUpTo;
  }

  put(change: RowChange, sequence: number): void {
    const key = rowKey('row' in change ? change.row : (change.removed as ResultRow), this.#keyColumns);
    this.#changes.delete(key);
    this.#changes.set(key, { sequence, change });
    if (this.#changes.size <= this.#maxRows) return;
    const [oldestKey, oldest] = this.#changes.entries().next().value as [string, { sequence: number }];
    this.#changes.delete(oldestKey);
    this.#forgottenUpTo = oldest.sequence;
  }

  /** Changes with a greater sequence number than `sequence`, oldest first; O(the changes that are kept). */
  since(sequence: number): Changes {
    const rows: ResultRow[] = [];
    const removed: Pick<ResultRow, 'windowStart'>[] = [];
    for (const { sequence: at, change } of this.#changes.values()) {
      if (at <= sequence) continue;
      if ('row' in change) rows.push(change.row);
      else removed.push(change.removed);
    }
    return { rows, removed };
  }
}
