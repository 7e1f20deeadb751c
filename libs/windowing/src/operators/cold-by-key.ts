import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { hashed, hashValue } from '../sketches/hash.ts';
import type { Key } from '../state/key-table.ts';
import { KEY_GROUPS } from '../state/key-table.ts';
import type { ColdKeys, DueRow, Overflow } from './cold-rows.ts';
import type { WriteChunk } from './pane-state.ts';
import { Form, MAX_CHUNK_BYTES, writeHeader, writeKey } from './state-form.ts';

export interface ColdByKeyOptions {
  readonly overflow: Overflow;
  readonly definition: number;
  /** Takes keys back as they were written. */
  readonly restore: (input: ByteReader) => void;
}

/** A key that is put outside. */
export interface Leaving {
  readonly key: Key;
  /** When it is to come back although nobody has asked for it; Infinity: never. */
  readonly dueMs: number;
  /** Writes what is held for it. */
  readonly write: (out: ByteWriter) => void;
}

/** What a key takes in memory besides its name, and how much larger than its bytes state in objects is: measured, rounded up. */
export const KEY_BYTES = 100;
export const OBJECTS_PER_BYTE = 4;

/** So many rows are brought back at once when they are due. */
const MOST_DUE = 1000;
/** Rows are filed by group of keys, then by hash. */
const IDS_PER_GROUP = 2 ** 32;

const out = new ByteWriter(1024);

/** Keys whose whole state is outside of memory. A row holds the keys of one number, each as a chunk has it. */
export class ColdByKey {
  readonly #options: ColdByKeyOptions;
  readonly #rowsOfGroup = new Int32Array(KEY_GROUPS);
  #rows: ColdKeys | undefined;
  #isBringing = false;

  constructor(options: ColdByKeyOptions) {
    this.#options = options;
  }

  get memoryBytes(): number {
    return this.#rows?.memoryBytes ?? 0;
  }

  /** The groups that have rows. */
  get groups(): number[] {
    return [...this.#rowsOfGroup.keys()].filter((group) => this.#rowsOfGroup[group]! > 0);
  }

  /** Sees to it that nothing of a key that is not in memory is outside: it, and those of its row, come back. */
  meet(key: Key): void {
    if (this.#rows === undefined || this.#isBringing) return;
    const id = idOf(key);
    const row = this.#rows.get(id);
    if (row !== undefined) this.#bring(id, row.slice());
  }

  /**
   * Brings keys back that are due before a time. Until then all that is due is in memory, if no time is returned; only what is due
   * before the returned one otherwise.
   */
  bringDue(beforeMs: number): number | undefined {
    if (this.#rows === undefined || this.#rows.nextDueMs >= beforeMs) return undefined;
    const rows = this.#rows.due(beforeMs, MOST_DUE);
    for (const { id, bytes } of rows) this.#bring(id, bytes);
    return rows.length === 0 ? undefined : rows.at(-1)!.dueMs;
  }

  /** Puts keys outside; none of their rows is there, for which `meet` has seen. */
  put(keys: readonly Leaving[]): void {
    const leaving = keys.map((one) => ({ ...one, id: idOf(one.key) })).sort((a, b) => a.id - b.id);
    const rowsOfGroup = this.#rowsOfGroup;
    this.#rows ??= this.#options.overflow.openKeys();
    this.#rows.put(
      (function* (): Generator<DueRow, void> {
        let dueMs = Infinity;
        out.reset();
        for (const [at, { id, key, write, dueMs: own }] of leaving.entries()) {
          dueMs = Math.min(dueMs, own);
          writeKey(out, key);
          write(out);
          if (leaving[at + 1]?.id === id) continue;
          rowsOfGroup[groupOf(id)]!++;
          yield { id, dueMs, bytes: out.view() };
          out.reset();
          dueMs = Infinity;
        }
      })(),
    );
  }

  /** The row that a key would be in. */
  rowOf(key: Key): Uint8Array | undefined {
    return this.#rows?.get(idOf(key));
  }

  *rows(): Generator<Uint8Array, void> {
    for (const { bytes } of this.#rows?.from(0) ?? []) yield bytes;
  }

  /** Writes the keys of a group as chunks; `pick` says which parts of a row, all of it by default. */
  writeGroup(
    group: number,
    write: WriteChunk,
    pick: (row: Uint8Array) => Iterable<Uint8Array> = (row) => [row],
  ): void {
    if (this.#rowsOfGroup[group] === 0) return;
    const chunk = new ByteWriter(4096);
    for (const { id, bytes } of this.#rows!.from(group * IDS_PER_GROUP)) {
      if (groupOf(id) !== group) break;
      for (const part of pick(bytes)) {
        if (chunk.length === 0) writeHeader(chunk, Form.chunk, this.#options.definition);
        chunk.raw(part);
      }
      if (chunk.length < MAX_CHUNK_BYTES) continue;
      write(group, chunk.view());
      chunk.reset();
    }
    if (chunk.length > 0) write(group, chunk.view());
  }

  #bring(id: number, bytes: Uint8Array): void {
    this.#rows!.delete(id);
    this.#rowsOfGroup[groupOf(id)]!--;
    this.#isBringing = true;
    this.#options.restore(new ByteReader(bytes));
    this.#isBringing = false;
  }
}

const groupOf = (id: number): number => Math.floor(id / IDS_PER_GROUP);

function idOf(key: Key): number {
  hashValue(key);
  return (hashed.high % KEY_GROUPS) * IDS_PER_GROUP + hashed.low;
}
