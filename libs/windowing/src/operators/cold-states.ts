import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Heap } from '../state/heap.ts';
import type { Key } from '../state/key-table.ts';
import { ColdByKey, KEY_BYTES, OBJECTS_PER_BYTE } from './cold-by-key.ts';
import type { Overflow, Overflowed } from './cold-rows.ts';
import type { WriteChunk } from './pane-state.ts';

export interface ColdStatesOptions {
  readonly overflow: Overflow;
  readonly definition: number;
  /** When keys are to be looked at; those that are outside have none. */
  readonly timers: Heap<Key>;
  /** Writes a key's state as a chunk has it behind the key. */
  readonly write: (key: Key, out: ByteWriter) => void;
  /** Takes keys back as they were written, with their timers. */
  readonly restore: (input: ByteReader) => void;
}

const TIMER_BYTES = 64;

/** States by key, of which some are outside of memory: what is asked for comes back, and what is due. Others are not gone through. */
export class ColdStates<State> extends Map<Key, State> implements Overflowed {
  spilled = 0;
  loaded = 0;
  readonly #options: ColdStatesOptions;
  readonly #cold: ColdByKey;
  /** Keys that changed between the last two `drainChanges`. */
  #recent: ReadonlySet<Key> = new Set();
  /** Bytes of a key and its state as written last, on average. */
  #keyBytes = 0;

  constructor(options: ColdStatesOptions) {
    super();
    this.#options = options;
    const { overflow, definition } = options;
    this.#cold = new ColdByKey({
      ...{ overflow, definition },
      restore: (input) => {
        const before = this.size;
        options.restore(input);
        this.loaded += this.size - before;
      },
    });
  }

  override get(key: Key): State | undefined {
    this.#meet(key);
    return super.get(key);
  }

  override set(key: Key, state: State): this {
    this.#meet(key);
    return super.set(key, state);
  }

  override delete(key: Key): boolean {
    this.#meet(key);
    return super.delete(key);
  }

  get memoryBytes(): number {
    const { timers } = this.#options;
    const own = this.size * (KEY_BYTES + this.#keyBytes * OBJECTS_PER_BYTE);
    return Math.ceil(own + timers.size * TIMER_BYTES + this.#cold.memoryBytes);
  }

  get groups(): number[] {
    return this.#cold.groups;
  }

  /** Notes which keys change, and how large they are, as they are written. */
  measured(changed: ReadonlySet<Key>, write: WriteChunk): WriteChunk {
    this.#recent = new Set(changed);
    const { size } = changed;
    let total = 0;
    return (bucket, bytes) => {
      total += bytes.length;
      this.#keyBytes = total / size;
      write(bucket, bytes);
    };
  }

  bringDue(beforeMs: number): number | undefined {
    return this.#cold.bringDue(beforeMs);
  }

  spill(which: 'idle' | 'all'): void {
    const { timers, write } = this.#options;
    const leaving = new Set([...this.keys()].filter((key) => which === 'all' || !this.#recent.has(key)));
    if (leaving.size === 0) return;
    // Others of their rows stay in memory then.
    for (const key of leaving) this.#cold.meet(key);
    const dues = new Map<Key, number>();
    timers.withdraw((key, dueMs) => {
      if (!leaving.has(key)) return false;
      dues.set(key, Math.min(dueMs, dues.get(key) ?? Infinity));
      return true;
    });
    this.#cold.put(
      [...leaving].map((key) => ({
        ...{ key, dueMs: dues.get(key) ?? Infinity },
        write: (out) => write(key, out),
      })),
    );
    for (const key of leaving) super.delete(key);
    this.spilled += leaving.size;
  }

  /** State was restored. */
  restored(): void {
    this.#options.overflow.relieve();
  }

  writeGroup(group: number, write: WriteChunk): void {
    this.#cold.writeGroup(group, write);
  }

  #meet(key: Key): void {
    if (!this.has(key)) this.#cold.meet(key);
  }
}

/** What an `Overflow` names as `keyed`. */
export const coldStates = <State>(options: ColdStatesOptions): ColdStates<State> => new ColdStates(options);
