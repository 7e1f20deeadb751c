import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { hashed, hashValue } from '../sketches/hash.ts';
import type { Key } from '../state/key-table.ts';
import { KEY_GROUPS } from '../state/key-table.ts';
import type { Watermarks } from '../watermark.ts';
import type { WriteChunk } from './pane-state.ts';
import { Form, MAX_CHUNK_BYTES, readHeader, readKey, writeHeader, writeKey } from './state-form.ts';

interface KeyedStateOptions<State> {
  /** What the state belongs to: bytes of another definition are refused. */
  readonly definition: unknown;
  readonly watermarks: Watermarks;
  /** Writes a key's state; `undefined` is the mark of a deletion and is written by `KeyedState`. */
  readonly write: (state: State, out: ByteWriter) => void;
  readonly read: (key: Key, input: ByteReader) => State;
  readonly trackChanges: boolean;
}

/** One object per key, with snapshots and changes in the form that window operators have. */
export class KeyedState<State> {
  readonly states = new Map<Key, State>();
  readonly #options: KeyedStateOptions<State>;
  readonly #definition: number;
  readonly #changed = new Set<Key>();

  constructor(options: KeyedStateOptions<State>) {
    this.#options = options;
    hashValue(JSON.stringify(options.definition));
    this.#definition = hashed.low;
  }

  /** Notes that a key's state has changed or gone. */
  mark(key: Key): void {
    if (this.#options.trackChanges) this.#changed.add(key);
  }

  /** Writes the keys that changed since the last call, by key groups. */
  drainChanges(write: WriteChunk): void {
    this.#writeGroups(this.#changed, write);
    this.#changed.clear();
  }

  /** Writes all keys of one group: takes the place of all that was written of it before. */
  snapshotBucket(bucket: number, write: WriteChunk): void {
    const keys = [...this.states.keys()].filter((key) => groupOf(key) === bucket);
    this.#writeGroups(keys, write);
  }

  /** Writes all keys of all groups. */
  snapshotBuckets(write: WriteChunk): void {
    this.#writeGroups(this.states.keys(), write);
  }

  saveMeta(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    writeHeader(out, Form.meta, this.#definition);
    this.#options.watermarks.write(out);
    return out.toBytes();
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(4096);
    writeHeader(out, Form.snapshot, this.#definition);
    this.#writeGroups(this.states.keys(), (_, bytes) => out.bytes(bytes));
    out.bytes(this.saveMeta());
    return out.toBytes();
  }

  /** @throws WindowingError WINDOWING_FORMAT_INVALID or WINDOWING_STATE_INVALID */
  restore(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const input = new ByteReader(bytes, start, end);
    switch (bytes[start]) {
      case Form.chunk:
        readHeader(input, Form.chunk, this.#definition);
        while (!input.done) {
          const key = readKey(input);
          if (input.byte() === 0) this.states.delete(key);
          else this.states.set(key, this.#options.read(key, input));
        }
        return;
      case Form.meta:
        readHeader(input, Form.meta, this.#definition);
        return this.#options.watermarks.read(input);
      default:
        readHeader(input, Form.snapshot, this.#definition);
        while (!input.done) this.restore(input.bytes());
    }
  }

  #writeGroups(keys: Iterable<Key>, write: WriteChunk): void {
    const writers = new Map<number, ByteWriter>();
    for (const key of keys) {
      const group = groupOf(key);
      let out = writers.get(group);
      if (out === undefined) writers.set(group, (out = new ByteWriter()));
      if (out.length === 0) writeHeader(out, Form.chunk, this.#definition);
      const state = this.states.get(key);
      writeKey(out, key);
      out.byte(state === undefined ? 0 : 1);
      if (state !== undefined) this.#options.write(state, out);
      if (out.length < MAX_CHUNK_BYTES) continue;
      write(group, out.view());
      out.reset();
    }
    for (const [group, out] of writers) if (out.length > 0) write(group, out.view());
  }
}

function groupOf(key: Key): number {
  hashValue(key);
  return hashed.high % KEY_GROUPS;
}
