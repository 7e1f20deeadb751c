import type { ColdKeys, ColdRow, ColdRows, DueRow, Overflow } from '../src/index.ts';
import { checkOverflow, coldPanes, coldSessions, coldStates } from '../src/overflow.ts';

/** Rows in a Map in place of a disk, which checks that it is used as it may be. */
export class RowsInMap implements ColdRows {
  readonly memoryBytes = 0;
  readonly #rows = new Map<number, Uint8Array>();
  #isDropped = false;
  #reading = 0;

  get(id: number): Uint8Array | undefined {
    this.#check();
    return this.#rows.get(id)?.slice();
  }

  put(rows: Iterable<ColdRow>): void {
    this.#check();
    if (this.#reading > 0) throw new Error('rows are written while they are read');
    let last = -1;
    for (const { id, bytes } of rows) {
      if (id <= last) throw new Error(`row ${id} comes after row ${last}`);
      last = id;
      this.#rows.set(id, bytes.slice());
    }
  }

  *from(first: number): Iterable<ColdRow> {
    this.#check();
    this.#reading++;
    try {
      const ids = [...this.#rows.keys()].filter((id) => id >= first).sort((a, b) => a - b);
      for (const id of ids) yield { id, bytes: this.#rows.get(id)!.slice() };
    } finally {
      this.#reading--;
    }
  }

  drop(): void {
    this.#check();
    this.#isDropped = true;
  }

  get isDropped(): boolean {
    return this.#isDropped;
  }

  #check(): void {
    if (this.#isDropped) throw new Error('the rows have been dropped');
  }
}

/** As `RowsInMap`, for keys. */
export class KeysInMap implements ColdKeys {
  readonly memoryBytes = 0;
  readonly rows = new Map<number, { readonly dueMs: number; readonly bytes: Uint8Array }>();

  get(id: number): Uint8Array | undefined {
    return this.rows.get(id)?.bytes.slice();
  }

  put(rows: Iterable<DueRow>): void {
    let last = -1;
    for (const { id, dueMs, bytes } of rows) {
      if (id <= last) throw new Error(`row ${id} comes after row ${last}`);
      if (this.rows.has(id)) throw new Error(`row ${id} is there already`);
      last = id;
      this.rows.set(id, { dueMs, bytes: bytes.slice() });
    }
  }

  delete(id: number): void {
    if (!this.rows.delete(id)) throw new Error(`there is no row ${id}`);
  }

  get nextDueMs(): number {
    return Math.min(Infinity, ...[...this.rows.values()].map(({ dueMs }) => dueMs));
  }

  due(beforeMs: number, most: number): DueRow[] {
    const rows = [...this.rows].filter(([, { dueMs }]) => dueMs < beforeMs);
    rows.sort(([, a], [, b]) => a.dueMs - b.dueMs);
    return rows.slice(0, most).map(([id, { dueMs, bytes }]) => ({ id, dueMs, bytes: bytes.slice() }));
  }

  *from(first: number): Iterable<ColdRow> {
    const ids = [...this.rows.keys()].filter((id) => id >= first).sort((a, b) => a - b);
    for (const id of ids) yield { id, bytes: this.rows.get(id)!.bytes.slice() };
  }
}

/** An overflow into maps; `relieve` is called when state was restored. */
export function overflowInMaps(
  relieve: () => void = () => undefined,
): Overflow & { opened: RowsInMap[]; openedKeys: KeysInMap[] } {
  const opened: RowsInMap[] = [];
  const openedKeys: KeysInMap[] = [];
  return {
    check: checkOverflow,
    panes: coldPanes,
    sessions: coldSessions,
    keyed: coldStates,
    opened,
    openedKeys,
    relieve,
    open() {
      const rows = new RowsInMap();
      opened.push(rows);
      return rows;
    },
    openKeys() {
      const keys = new KeysInMap();
      openedKeys.push(keys);
      return keys;
    },
  };
}
