import type { CompiledAggregates } from '../aggregates/compile.ts';
import { growFloat64, growInt32, growUint8 } from '../state/grow.ts';
import type { KeyTable } from '../state/key-table.ts';
import { TimerHeap } from '../state/timer-heap.ts';
import { Cells } from './cells.ts';

/** Its final result is out. */
export const CLOSED = 1;
/** A result with the present bounds is out. */
export const EMITTED = 2;
/** It changed since its last result (emit on update only). */
export const UPDATED = 4;

/** A session without what it has counted. */
export interface Session {
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  /** Final results handed out so far. */
  readonly finals: number;
}

/** Sessions as numbered slots of typed arrays; those of a key form a list. */
export class SessionTable {
  starts = new Float64Array(64);
  ends = new Float64Array(64);
  /** −1 where the slot is free. */
  keyIds = new Int32Array(64);
  /** The next session of the same key, −1 at the end. */
  next = new Int32Array(64);
  flags = new Uint8Array(64);
  /** Final results handed out so far. */
  finals = new Int32Array(64);
  /** When the session is to be looked at next; timers of another time are stale. */
  timerAt = new Float64Array(64);
  cells: Cells;
  timers = new TimerHeap();
  readonly #aggregates: CompiledAggregates;
  readonly #keys: KeyTable;
  #heads = new Int32Array(64).fill(-1);
  #free: number[] = [];
  #used = 0;

  constructor(aggregates: CompiledAggregates, keys: KeyTable) {
    this.cells = new Cells(aggregates, 64);
    this.#aggregates = aggregates;
    this.#keys = keys;
  }

  get size(): number {
    return this.#used - this.#free.length;
  }

  /** The first session of a key, −1 for none. */
  head(keyId: number): number {
    return keyId < 0 || keyId >= this.#heads.length ? -1 : this.#heads[keyId]!;
  }

  sessionAt(slot: number): Session {
    const [start, end] = [this.starts[slot]!, this.ends[slot]!];
    return { start, end, flags: this.flags[slot]!, finals: this.finals[slot]! };
  }

  create(keyId: number, start: number, end: number): number {
    const slot = this.#free.pop() ?? this.#append();
    this.starts[slot] = start;
    this.ends[slot] = end;
    this.keyIds[slot] = keyId;
    this.flags[slot] = 0;
    this.finals[slot] = 0;
    if (keyId >= this.#heads.length) {
      const heads = new Int32Array(keyId * 2).fill(-1);
      heads.set(this.#heads);
      this.#heads = heads;
    }
    this.next[slot] = this.#heads[keyId]!;
    this.#heads[keyId] = slot;
    this.#keys.retain(keyId);
    return slot;
  }

  remove(slot: number): void {
    const keyId = this.keyIds[slot]!;
    let at = this.#heads[keyId]!;
    if (at === slot) {
      this.#heads[keyId] = this.next[slot]!;
    } else {
      while (this.next[at] !== slot) at = this.next[at]!;
      this.next[at] = this.next[slot]!;
    }
    this.cells.clear(slot);
    this.timerAt[slot] = NaN;
    this.flags[slot] = 0;
    this.keyIds[slot] = -1;
    this.#free.push(slot);
    this.#keys.release(keyId);
  }

  /** What its arrays take. */
  get memoryBytes(): number {
    const arrays = [this.starts, this.ends, this.keyIds, this.next, this.flags, this.finals, this.timerAt];
    const own = arrays.reduce((sum, { byteLength }) => sum + byteLength, this.#heads.byteLength);
    return own + 8 * this.#free.length + this.cells.memoryBytes + this.timers.memoryBytes;
  }

  /** Gives the memory of `least` sessions or more back; only when none is left. */
  reset(least: number): void {
    if (this.#used < least) return;
    this.#used = 0;
    this.#free = [];
    this.starts = new Float64Array(64);
    this.ends = new Float64Array(64);
    this.keyIds = new Int32Array(64);
    this.next = new Int32Array(64);
    this.flags = new Uint8Array(64);
    this.finals = new Int32Array(64);
    this.timerAt = new Float64Array(64);
    this.#heads = new Int32Array(64).fill(-1);
    this.cells = new Cells(this.#aggregates, 64);
    this.timers = new TimerHeap();
  }

  setTimer(slot: number, dueMs: number): void {
    this.timerAt[slot] = dueMs;
    this.timers.push(dueMs, slot);
  }

  /** The sessions that are held, in the order of their slots. */
  slots(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.#used; slot++) if (this.keyIds[slot]! >= 0) slots.push(slot);
    return slots;
  }

  #append(): number {
    const slot = this.#used++;
    if (slot === this.starts.length) {
      const capacity = slot * 2;
      this.starts = growFloat64(this.starts, capacity);
      this.ends = growFloat64(this.ends, capacity);
      this.keyIds = growInt32(this.keyIds, capacity);
      this.next = growInt32(this.next, capacity);
      this.flags = growUint8(this.flags, capacity);
      this.finals = growInt32(this.finals, capacity);
      this.timerAt = growFloat64(this.timerAt, capacity);
    }
    this.cells.reserve(slot);
    return slot;
  }
}
