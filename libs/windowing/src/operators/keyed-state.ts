import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { hashed, hashValue } from '../sketches/hash.ts';
import type { Heap } from '../state/heap.ts';
import type { Key } from '../state/key-table.ts';
import { KEY_GROUPS } from '../state/key-table.ts';
import type { Watermarks } from '../watermark.ts';
import type { Overflow, Overflowed } from './cold-rows.ts';
import type { ColdStates } from './cold-states.ts';
import type { WriteChunk } from './pane-state.ts';
import { Form, MAX_CHUNK_BYTES, readHeader, readKey, writeHeader, writeKey } from './state-form.ts';

/** What an operator has besides the states of its keys. */
export interface Surroundings {
  readonly watermarks: Watermarks;
  readonly trackChanges: boolean;
  /** Where states go for which there is no room in memory; undefined: nowhere. */
  readonly overflow: Overflow | undefined;
  readonly timers: Heap<Key>;
}

interface KeyedStateOptions<State> extends Surroundings {
  /** What the state belongs to: bytes of another definition are refused. */
  readonly definition: unknown;
  /** Writes a key's state; `undefined` is the mark of a deletion and is written by `KeyedState`. */
  readonly write: (state: State, out: ByteWriter) => void;
  readonly read: (key: Key, input: ByteReader) => State;
}

/** One object per key, with snapshots and changes in the form that window operators have. */
export class KeyedState<State> {
  readonly states: Map<Key, State>;
  readonly #cold: ColdStates<State> | undefined;
  readonly #options: KeyedStateOptions<State>;
  readonly #definition: number;
  readonly #changed = new Set<Key>();

  constructor(options: KeyedStateOptions<State>) {
    this.#options = options;
    hashValue(JSON.stringify(options.definition));
    const definition = (this.#definition = hashed.low);
    const { overflow, timers } = options;
    this.#cold = overflow?.keyed({
      ...{ overflow, definition, timers },
      write: (key, out) => this.#writeState(key, out),
      restore: (input) => this.#readKeys(input),
    });
    this.states = this.#cold ?? new Map<Key, State>();
  }

  get overflowed(): Overflowed | undefined {
    return this.#cold;
  }

  /** Sees to what is due before a time: all of it is in memory then, or, if a time is returned, all that is due before that. */
  bringDue(beforeMs: number): number | undefined {
    return this.#cold?.bringDue(beforeMs);
  }

  /** Notes that a key's state has changed or gone. */
  mark(key: Key): void {
    if (this.#options.trackChanges) this.#changed.add(key);
  }

  /** Writes the keys that changed since the last call, by key groups. */
  drainChanges(write: WriteChunk): void {
    this.#writeGroups(this.#changed, this.#cold?.measured(this.#changed, write) ?? write);
    this.#changed.clear();
  }

  /** Writes all keys of one group: takes the place of all that was written of it before. */
  snapshotBucket(bucket: number, write: WriteChunk): void {
    const keys = [...this.states.keys()].filter((key) => groupOf(key) === bucket);
    this.#writeGroups(keys, write);
    this.#cold?.writeGroup(bucket, write);
  }

  /** Writes all keys of all groups. */
  snapshotBuckets(write: WriteChunk): void {
    this.#writeGroups(this.states.keys(), write);
    for (const group of this.#cold?.groups ?? []) this.#cold!.writeGroup(group, write);
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
    this.snapshotBuckets((_, bytes) => out.bytes(bytes));
    out.bytes(this.saveMeta());
    return out.toBytes();
  }

  /** @throws WindowingError WINDOWING_FORMAT_INVALID or WINDOWING_STATE_INVALID */
  restore(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const input = new ByteReader(bytes, start, end);
    switch (bytes[start]) {
      case Form.chunk:
        readHeader(input, Form.chunk, this.#definition);
        this.#readKeys(input);
        return this.#cold?.restored();
      case Form.meta:
        readHeader(input, Form.meta, this.#definition);
        return this.#options.watermarks.read(input);
      default:
        readHeader(input, Form.snapshot, this.#definition);
        while (!input.done) this.restore(input.bytes());
    }
  }

  #readKeys(input: ByteReader): void {
    while (!input.done) {
      const key = readKey(input);
      if (input.byte() === 0) this.states.delete(key);
      else this.states.set(key, this.#options.read(key, input));
    }
  }

  #writeState(key: Key, out: ByteWriter): void {
    const state = this.states.get(key);
    out.byte(state === undefined ? 0 : 1);
    if (state !== undefined) this.#options.write(state, out);
  }

  #writeGroups(keys: Iterable<Key>, write: WriteChunk): void {
    const writers = new Map<number, ByteWriter>();
    for (const key of keys) {
      const group = groupOf(key);
      let out = writers.get(group);
      if (out === undefined) writers.set(group, (out = new ByteWriter()));
      if (out.length === 0) writeHeader(out, Form.chunk, this.#definition);
      writeKey(out, key);
      this.#writeState(key, out);
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
