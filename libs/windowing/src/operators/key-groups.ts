import { ByteWriter } from '../bytes/byte-writer.ts';
import { growUint8 } from '../state/grow.ts';
import type { Key, KeyTable } from '../state/key-table.ts';
import type { WriteChunk } from './pane-state.ts';
import { Form, MAX_CHUNK_BYTES, writeHeader, writeKey } from './state-form.ts';

/** Which keys changed since the last `drain`, and the chunks that they are written in: for each key its whole state. */
export class KeyGroups {
  readonly #keys: KeyTable;
  readonly #definition: number;
  readonly #writeState: (keyId: number, out: ByteWriter) => void;
  #isChanged = new Uint8Array(64);
  #changed: number[] = [];

  constructor(options: {
    keys: KeyTable;
    definition: number;
    /** Writes all that is held for a key; nothing held is the mark of a deletion. */
    writeState: (keyId: number, out: ByteWriter) => void;
  }) {
    this.#keys = options.keys;
    this.#definition = options.definition;
    this.#writeState = options.writeState;
  }

  mark(keyId: number): void {
    if (keyId >= this.#isChanged.length) this.#isChanged = growUint8(this.#isChanged, keyId * 2);
    if (this.#isChanged[keyId] !== 0) return;
    this.#isChanged[keyId] = 1;
    this.#keys.retain(keyId);
    this.#changed.push(keyId);
  }

  /** The keys to be written by the next `drain`. */
  get changed(): readonly number[] {
    return this.#changed;
  }

  isMarked(keyId: number): boolean {
    return this.#isChanged[keyId] === 1;
  }

  drain(write: WriteChunk): void {
    const changed = this.#changed;
    this.#changed = [];
    const groups = new Map<number, number[]>();
    for (const keyId of changed) {
      this.#isChanged[keyId] = 0;
      const group = this.#keys.groupOf(keyId);
      const list = groups.get(group);
      if (list === undefined) groups.set(group, [keyId]);
      else list.push(keyId);
    }
    for (const [group, ids] of groups) this.#write(group, ids, write);
    for (const keyId of changed) this.#keys.release(keyId);
  }

  /** The groups of keys. */
  of(ids: Iterable<number>): number[] {
    const groups = new Set<number>();
    for (const keyId of ids) groups.add(this.#keys.groupOf(keyId));
    return [...groups].sort((a, b) => a - b);
  }

  /** Writes those keys that are in a group. */
  writeGroup(
    group: number,
    options: {
      ids: Iterable<number>;
      where: ((key: Key) => boolean) | undefined;
      write: WriteChunk;
    },
  ): void {
    const { where, write } = options;
    const ids: number[] = [];
    for (const keyId of options.ids) {
      if (this.#keys.groupOf(keyId) !== group) continue;
      if (where === undefined || where(this.#keys.keyOf(keyId))) ids.push(keyId);
    }
    this.#write(group, ids, write);
  }

  /** Writes keys of one group as chunks of bounded size. */
  #write(group: number, ids: readonly number[], write: WriteChunk): void {
    const out = new ByteWriter(4096);
    for (const keyId of ids) {
      if (out.length === 0) writeHeader(out, Form.chunk, this.#definition);
      writeKey(out, this.#keys.keyOf(keyId));
      this.#writeState(keyId, out);
      if (out.length >= MAX_CHUNK_BYTES) {
        write(group, out.view());
        out.reset();
      }
    }
    if (out.length > 0) write(group, out.view());
  }
}
