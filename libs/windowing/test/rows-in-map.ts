import type { ColdRow, ColdRows, Overflow } from '../src/index.ts';
import { coldPanes } from '../src/overflow.ts';

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

/** An overflow into maps; `relieve` is called when state was restored. */
export function overflowInMaps(relieve: () => void = () => undefined): Overflow & { opened: RowsInMap[] } {
  const opened: RowsInMap[] = [];
  return {
    panes: coldPanes,
    opened,
    relieve,
    open() {
      const rows = new RowsInMap();
      opened.push(rows);
      return rows;
    },
  };
}
