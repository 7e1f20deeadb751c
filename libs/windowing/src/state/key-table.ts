import { hashed, hashValue } from '../sketches/hash.ts';
import { growInt32, growUint8 } from './grow.ts';

/** What events are grouped by. */
export type Key = string | number;

/** State that is not bound to the clock is written in so many groups of keys. */
export const KEY_GROUPS = 64;

/** So many keys that no cell uses are never worth dropping; above them, `SPARE_PER_USED` for each of those that were in use at most. */
const SPARE_KEYS = 1024;
/** Of keys that come in half of the windows, few are dropped and put back, which costs more than counting an event. */
const SPARE_PER_USED = 2;

/** Ids found last, by what a string ends with: saves most look-ups. Half a megabyte; more would not stay in a processor's caches. */
const MOST_RECENT = 2 ** 17;

/** Greater hints are not looked at. A quarter of a megabyte, for those who hint at many keys. */
const MOST_HINT = 2 ** 16;

/**
 * Gives each key in use a small number, so that windows hold integers. Keys that no cell uses stay until there are more than twice
 * as many of them as were in use at most since the `rotate` before the last, so that a key that comes again is not dropped and put back.
 */
export class KeyTable {
  #ids = new Map<Key, number>();
  #keys: (Key | undefined)[] = [];
  /** Ids by `recentPlace`, plus one; whether one is right is seen by its key. */
  #recent = new Int32Array(256);
  /** Ids by the hints they came with, plus one; likewise. */
  #hinted = new Int32Array(64);
  #uses = new Int32Array(64);
  /** The group of each key, plus one; 0 is not known yet. */
  #groups = new Uint8Array(64);
  #free: number[] = [];
  #unused: number[] = [];
  #sweeping: number[] = [];
  /** Whether an id is in `#unused` or `#sweeping`. */
  #isListed = new Uint8Array(64);
  #used = 0;
  #mostUsed = 0;
  #mostUsedBefore = 0;

  /** Keys held, those about to be dropped included. */
  get size(): number {
    return this.#ids.size;
  }

  find(key: Key): number {
    return this.#ids.get(key) ?? -1;
  }

  /** The key's number, made if there is none; pair it with `retain`. `hint`: see `Operator.add`. */
  intern(key: Key, hint = 0): number {
    const hinted = this.#hinted[hint]! - 1;
    if (hinted >= 0 && this.#keys[hinted] === key) return hinted;
    const id = this.#find(key);
    if (hint > 0 && hint <= MOST_HINT) this.#note(hint, id);
    return id;
  }

  #note(hint: number, id: number): void {
    if (hint >= this.#hinted.length) this.#hinted = growInt32(this.#hinted, hint * 2);
    this.#hinted[hint] = id + 1;
  }

  #find(key: Key): number {
    if (typeof key !== 'string') return this.#ids.get(key) ?? this.#add(key);
    const recent = this.#recent;
    const place = recentPlace(key) & (recent.length - 1);
    const id = recent[place]! - 1;
    if (id >= 0 && this.#keys[id] === key) return id;
    return (recent[place] = (this.#ids.get(key) ?? this.#add(key)) + 1) - 1;
  }

  keyOf(id: number): Key {
    return this.#keys[id]!;
  }

  /** The group of a key, the same on every machine. */
  groupOf(id: number): number {
    if (this.#groups[id] === 0) {
      hashValue(this.#keys[id]);
      this.#groups[id] = 1 + (hashed.high % KEY_GROUPS);
    }
    return this.#groups[id]! - 1;
  }

  retain(id: number): void {
    if (this.#uses[id]!++ === 0 && ++this.#used > this.#mostUsed) this.#mostUsed = this.#used;
  }

  release(id: number): void {
    if (--this.#uses[id]! > 0) return;
    this.#used--;
    if (this.#isListed[id] !== 0) return;
    this.#isListed[id] = 1;
    this.#unused.push(id);
  }

  /** As `release`, of the first `count` of `ids`: a loop of its own, which is compiled without what surrounds it. */
  releaseAll(ids: Int32Array, count: number): void {
    for (let at = 0; at < count; at++) this.release(ids[at]!);
  }

  /** Marks what is unused now to be dropped by later sweeps, unless it is used again before. */
  rotate(): void {
    this.#mostUsedBefore = this.#mostUsed;
    this.#mostUsed = this.#used;
    if (this.#unused.length === 0) return;
    if (this.#sweeping.length === 0) this.#sweeping = this.#unused;
    else for (const id of this.#unused) this.#sweeping.push(id);
    this.#unused = [];
  }

  /** Drops up to `most` marked keys, as long as there are too many. */
  sweep(most: number): void {
    const spare = SPARE_KEYS + SPARE_PER_USED * Math.max(this.#mostUsed, this.#mostUsedBefore);
    for (let left = most; left > 0 && this.#ids.size - this.#used > spare; left--) {
      const id = this.#sweeping.pop();
      if (id === undefined) return;
      this.#isListed[id] = 0;
      if (this.#uses[id]! > 0) continue;
      this.#ids.delete(this.#keys[id]!);
      this.#keys[id] = undefined;
      this.#free.push(id);
    }
  }

  /** Drops every key that was in use and is not any more. */
  dropUnused(): void {
    if (this.#used === 0) return this.clear();
    for (const id of [...this.#unused, ...this.#sweeping]) {
      this.#isListed[id] = 0;
      if (this.#uses[id]! > 0) continue;
      this.#ids.delete(this.#keys[id]!);
      this.#keys[id] = undefined;
      this.#free.push(id);
    }
    this.#unused = [];
    this.#sweeping = [];
    this.#mostUsed = this.#mostUsedBefore = this.#used;
  }

  /** Drops all keys at once; only when no cell is left. */
  clear(): void {
    this.#ids = new Map();
    this.#keys = [];
    this.#recent = new Int32Array(256);
    this.#hinted = new Int32Array(64);
    this.#uses = new Int32Array(64);
    this.#groups = new Uint8Array(64);
    this.#free = [];
    this.#unused = [];
    this.#sweeping = [];
    this.#isListed = new Uint8Array(64);
    this.#used = 0;
    this.#mostUsed = 0;
    this.#mostUsedBefore = 0;
  }

  #add(key: Key): number {
    const reused = this.#free.pop();
    const id = reused ?? this.#keys.length;
    if (reused === undefined) this.#keys.push(key);
    else this.#keys[id] = key;
    if (id >= this.#uses.length) {
      this.#uses = growInt32(this.#uses, id * 2);
      this.#groups = growUint8(this.#groups, id * 2);
      this.#isListed = growUint8(this.#isListed, id * 2);
    }
    this.#uses[id] = 0;
    this.#groups[id] = 0;
    this.#isListed[id] = 0;
    this.#ids.set(key, id);
    if (this.#ids.size * 4 > this.#recent.length && this.#recent.length < MOST_RECENT)
      this.#recent = new Int32Array(this.#recent.length * 4);
    return id;
  }
}

/** Keys differ most at their ends; the middle is for those that end alike. */
function recentPlace(key: string): number {
  const { length } = key;
  if (length < 4) return length === 0 ? 0 : Math.imul(key.charCodeAt(0), 31) + key.charCodeAt(length - 1);
  let hash = length + key.charCodeAt(length >> 1);
  hash = Math.imul(hash, 31) + key.charCodeAt(length - 4);
  hash = Math.imul(hash, 31) + key.charCodeAt(length - 3);
  hash = Math.imul(hash, 31) + key.charCodeAt(length - 2);
  hash = Math.imul(hash, 31) + key.charCodeAt(length - 1);
  // Digits alone change few bits.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}
