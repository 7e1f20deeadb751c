import type { CompiledAggregates } from '../aggregates/compile.ts';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { hashed, hashValue } from '../sketches/hash.ts';
import { Heap } from '../state/heap.ts';
import type { Key, KeyTable } from '../state/key-table.ts';
import { sortById } from '../state/sort-by-id.ts';
import { Cells } from './cells.ts';
import { KEY_BYTES, OBJECTS_PER_BYTE } from './cold-by-key.ts';
import type { ColdRow, Overflow, Overflowed } from './cold-rows.ts';
import type { RestoreMode } from './operator-options.ts';
import type { Pane } from './pane.ts';
import type { WriteChunk } from './pane-state.ts';
import type { PaneStore } from './pane-store.ts';
import { readKey, writeKey } from './state-form.ts';

export interface ColdPanesOptions {
  readonly overflow: Overflow;
  readonly keys: KeyTable;
  readonly aggregates: CompiledAggregates;
  readonly store: PaneStore;
}

/** A key's cell of one pane: in memory, or as bytes. */
interface Found {
  readonly key: Key;
  readonly pane: Pane;
  /** −1: not in memory. */
  readonly place: number;
  /** Where its state begins in the bytes of its row. */
  readonly state: ByteReader | undefined;
}

/** The cells of one pane whose keys have the same number. */
interface Group {
  readonly id: number;
  readonly found: readonly Found[];
}

type Groups = Iterator<Group, void>;

const out = new ByteWriter(1024);

/**
 * Cells outside of memory. A row holds the cells of all keys whose hash is its number, each as a chunk has it. A pane that was
 * spilled goes on empty: events are counted without a look at the disk, and `settle` adds what lies there, for many keys at
 * once and in the order of the rows. A cell in memory, once settled, takes the place of the one outside.
 */
export class ColdPanes implements Overflowed {
  spilled = 0;
  loaded = 0;
  readonly #options: ColdPanesOptions;
  readonly #scratch: Cells;
  /** Bytes of a key and its state as written last, on average. */
  #cellBytes = 0;

  constructor(options: ColdPanesOptions) {
    this.#options = options;
    this.#scratch = new Cells(options.aggregates, 1);
  }

  /** About what panes, keys and the ways to rows take. */
  get memoryBytes(): number {
    const { store, keys, aggregates } = this.#options;
    let [bytes, cells] = [0, 0];
    for (const pane of store.panes.values()) {
      bytes += pane.memoryBytes + (pane.cold?.memoryBytes ?? 0);
      cells += pane.keys.size;
    }
    const objects = aggregates.keepsObjects ? cells * this.#cellBytes * OBJECTS_PER_BYTE : 0;
    return Math.ceil(bytes + objects + keys.size * (KEY_BYTES + this.#cellBytes));
  }

  /** Notes how large cells are, as they are written. */
  measured(write: WriteChunk, cells: number): WriteChunk {
    let total = 0;
    return (bucket, bytes) => {
      total += bytes.length;
      this.#cellBytes = total / cells;
      write(bucket, bytes);
    };
  }

  /** Makes the cells that came since the last call whole. `replace`: they are whole, and what lies outside is of no use. */
  settle(pane: Pane, mode: RestoreMode = 'merge'): void {
    const { cold, settled: from } = pane;
    pane.settled = pane.keys.size;
    if (cold === undefined || from === pane.keys.size) return;
    const { keys, store } = this.#options;
    const ids = this.#idsOf(pane, from);
    /** Keys that share a row with one that will be written, and would be lost with it. */
    const sharing: { key: Key; state: Uint8Array }[] = [];
    for (const at of sortById(ids)) {
      const row = cold.get(ids[at]!);
      if (row === undefined) continue;
      const own = keys.keyOf(pane.keys.ids[from + at]!);
      const input = new ByteReader(row);
      while (!input.done) {
        const key = readKey(input);
        const start = input.position;
        this.#read(input);
        if (key !== own) sharing.push({ key, state: row.slice(start, input.position) });
        else if (mode === 'merge') {
          pane.cells.merge(from + at, this.#scratch, 0);
          this.loaded++;
        }
      }
    }
    for (const { key, state } of sharing) {
      const keyId = keys.intern(key);
      if (pane.keys.find(keyId) >= 0) continue;
      pane.cells.read(store.newPlace(pane, keyId), new ByteReader(state));
      this.loaded++;
    }
    pane.settled = pane.keys.size;
  }

  /** Puts a pane's cells outside, whose changes have been drained. */
  #spill(pane: Pane): void {
    this.settle(pane);
    const { keys, aggregates, overflow } = this.#options;
    const { ids, size } = pane.keys;
    pane.cold ??= overflow.open();
    pane.cold.put(this.#rowsOf(pane));
    for (let place = 0; place < size; place++) keys.release(ids[place]!);
    pane.empty(aggregates);
    this.spilled += size;
  }

  spill(which: 'idle' | 'all'): void {
    const { store, keys } = this.#options;
    // Their keys have numbers only as long as their cells are in memory.
    for (const { updated } of store.windows.values()) if (updated !== undefined) return;
    for (const pane of store.panes.values()) {
      if (pane.keys.size > 0 && pane.changedCount === 0 && (pane.isIdle || which === 'all'))
        this.#spill(pane);
    }
    keys.dropUnused();
  }

  settleAll(): void {
    for (const pane of this.#options.store.panes.values()) this.settle(pane);
  }

  /** A chunk of a pane's state has been read into memory. */
  restored(pane: Pane, { mode, bytes, cells }: { mode: RestoreMode; bytes: number; cells: number }): void {
    if (cells > 0) this.#cellBytes = bytes / cells;
    if (pane.windows.length === 0) return;
    this.settle(pane, mode);
    this.#options.overflow.relieve();
  }

  /** Adds a key's cell of a pane to slot 0 of `into`; false when there is none. */
  addTo(into: Cells, pane: Pane, key: Key): boolean {
    this.settle(pane);
    const place = this.#placeOf(pane, key);
    if (place >= 0) into.merge(0, pane.cells, place);
    else if (this.#find(pane.cold?.get(numberOf(key)), key)) into.merge(0, this.#scratch, 0);
    else return false;
    return true;
  }

  /**
   * The keys of some panes, by ascending number from one on; meanwhile the key's cells of all of them are merged in slot 0 of
   * `into`. Nothing may be counted in these panes before the end.
   */
  *keysOf(panes: readonly Pane[], into: Cells, from = 0): Generator<{ id: number; key: Key }, void> {
    const heads = new Heap<{ group: Group; rest: Groups }>();
    const rests = panes.flatMap((pane) => {
      this.settle(pane);
      return [this.#inside(pane, from), this.#outside(pane, from)];
    });
    const advance = (rest: Groups): void => {
      const { value: group } = rest.next();
      if (group !== undefined) heads.push(group.id, { group, rest });
    };
    try {
      for (const rest of rests) advance(rest);
      while (heads.size > 0) {
        const id = heads.due;
        const found: Found[] = [];
        while (heads.due === id) {
          const { group, rest } = heads.pop()!;
          found.push(...group.found);
          advance(rest);
        }
        for (const cells of byKey(found)) {
          into.clear(0);
          for (const { pane, place, state } of cells) {
            if (state === undefined) into.merge(0, pane.cells, place);
            else {
              this.#read(state);
              into.merge(0, this.#scratch, 0);
            }
          }
          yield { id, key: cells[0]!.key };
        }
      }
    } finally {
      for (const rest of rests) rest.return?.();
    }
  }

  *#inside(pane: Pane, from: number): Generator<Group, void> {
    const ids = this.#idsOf(pane, 0);
    for (const place of sortById(ids)) {
      const id = ids[place]!;
      if (id < from) continue;
      const key = this.#options.keys.keyOf(pane.keys.ids[place]!);
      yield { id, found: [{ key, pane, place, state: undefined }] };
    }
  }

  *#outside(pane: Pane, from: number): Generator<Group, void> {
    for (const { id, bytes } of pane.cold?.from(from) ?? []) {
      const found: Found[] = [];
      const input = new ByteReader(bytes);
      while (!input.done) {
        const key = readKey(input);
        const state = new ByteReader(bytes, input.position);
        this.#read(input);
        if (this.#placeOf(pane, key) < 0) found.push({ key, pane, place: -1, state });
      }
      if (found.length > 0) yield { id, found };
    }
  }

  *#rowsOf(pane: Pane): Generator<ColdRow, void> {
    const { keys } = this.#options;
    const ids = this.#idsOf(pane, 0);
    const order = sortById(ids);
    for (let i = 0; i < order.length; i++) {
      const place = order[i]!;
      writeKey(out, keys.keyOf(pane.keys.ids[place]!));
      pane.cells.write(place, out);
      if (ids[order[i + 1]!] === ids[place]) continue;
      yield { id: ids[place]!, bytes: out.view() };
      out.reset();
    }
  }

  #placeOf(pane: Pane, key: Key): number {
    const keyId = this.#options.keys.find(key);
    return keyId < 0 ? -1 : pane.keys.find(keyId);
  }

  /** Looks for a key in a row; its cell is in `#scratch` then. */
  #find(row: Uint8Array | undefined, key: Key): boolean {
    if (row === undefined) return false;
    const input = new ByteReader(row);
    while (!input.done) {
      const isIt = readKey(input) === key;
      this.#read(input);
      if (isIt) return true;
    }
    return false;
  }

  #read(input: ByteReader): void {
    this.#scratch.clear(0);
    this.#scratch.read(0, input);
  }

  #idsOf(pane: Pane, from: number): Uint32Array {
    const { keys } = this.#options;
    const ids = new Uint32Array(pane.keys.size - from);
    for (let i = 0; i < ids.length; i++) ids[i] = numberOf(keys.keyOf(pane.keys.ids[from + i]!));
    return ids;
  }
}

/** What an `Overflow` names as `panes`. */
export const coldPanes = (options: ColdPanesOptions): ColdPanes => new ColdPanes(options);

function numberOf(key: Key): number {
  hashValue(key);
  return hashed.low;
}

/** Cells of the same key together. */
function byKey(found: readonly Found[]): Iterable<readonly Found[]> {
  if (found.length === 1) return [found];
  const keys = new Map<Key, Found[]>();
  for (const one of found) {
    const cells = keys.get(one.key);
    if (cells === undefined) keys.set(one.key, [one]);
    else cells.push(one);
  }
  return keys.values();
}
