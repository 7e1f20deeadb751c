/**
 * Remembers the short strings of one field: most columns repeat themselves, and a string that is already there costs
 * neither an allocation nor, later, its hash in a Map. A column whose texts do not repeat themselves switches it off.
 */
import { asciiText } from './utf8.ts';

const FIRST_SLOTS = 256;
/** Texts that are remembered at once: with their bytes half a megabyte, of which what is used often stays in the processor's caches. */
export const MOST_TEXTS = 16_384;
/** Longer ones seldom come again. */
const MOST_BYTES = 32;
/** Slots that are looked at for a text: with half of them free more are seldom needed, and texts chosen to meet cost no more than this. */
const MOST_PROBES = 16;
/** A miss costs about twice what a hit saves. */
const WORTHWHILE = 2 / 3;

export interface TextCache {
  /** Two numbers a slot: a text's hash, and its own number (0: the slot is free). At least half of them are free. */
  slots: Int32Array;
  /** Text n is `bytes[starts[n], starts[n + 1])`; the first is no text that is asked for, so that 0 can mean none. */
  starts: Int32Array;
  bytes: Uint8Array;
  texts: string[];
  /** The number of the text that was asked for last; 0 if it is not remembered. The same number means the same text until there are too many. */
  number: number;
  /** Since the cache was empty. */
  hits: number;
  off: boolean;
}

export function textCache(): TextCache {
  return { ...empty(FIRST_SLOTS), number: 0, off: false };
}

function empty(slots: number) {
  return {
    slots: new Int32Array(2 * slots),
    starts: new Int32Array(slots / 2 + 2),
    bytes: new Uint8Array(slots * 4),
    texts: [''],
    hits: 0,
  };
}

/** Text of bytes that are known to be ASCII. */
export function cachedText(cache: TextCache, source: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (cache.off || length > MOST_BYTES || length === 0) {
    cache.number = 0;
    return length === 0 ? '' : asciiText(source, start, end);
  }
  let hash = length;
  for (let position = start; position < end; position++) {
    hash = (Math.imul(hash, 31) + (source[position] as number)) | 0;
  }
  // Digits alone change few bits: all of them must reach the low ones.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash ^= hash >>> 13;
  const { slots, starts, bytes } = cache;
  const mask = slots.length - 1;
  let at = (2 * hash) & mask;
  for (let left = MOST_PROBES; left > 0; left--) {
    const number = slots[at + 1] as number;
    if (number === 0) break;
    if (slots[at] === hash) {
      const base = starts[number] as number;
      let index = (starts[number + 1] as number) - base === length ? 0 : length + 1;
      while (index < length && bytes[base + index] === source[start + index]) index++;
      if (index === length) {
        cache.hits++;
        cache.number = number;
        return cache.texts[number] as string;
      }
    }
    at = (at + 2) & mask;
  }
  return remember(cache, source, start, end, hash);
}

function remember(cache: TextCache, source: Uint8Array, start: number, end: number, hash: number): string {
  const text = asciiText(source, start, end);
  cache.number = 0;
  if (cache.texts.length > MOST_TEXTS) {
    cache.off = cache.hits < WORTHWHILE * (cache.hits + MOST_TEXTS);
    Object.assign(cache, empty(cache.off ? 0 : FIRST_SLOTS));
    if (cache.off) return text;
  }
  if (4 * cache.texts.length > cache.slots.length) grow(cache);
  const number = cache.texts.length;
  if (!put(cache.slots, hash, number)) return text;
  cache.texts.push(text);
  cache.number = number;
  const base = cache.starts[number] as number;
  const stop = base + end - start;
  if (stop > cache.bytes.length) {
    const bytes = new Uint8Array(2 * cache.bytes.length + MOST_BYTES);
    bytes.set(cache.bytes);
    cache.bytes = bytes;
  }
  for (let at = base; at < stop; at++) cache.bytes[at] = source[start + at - base] as number;
  cache.starts[number + 1] = stop;
  return text;
}

/** Twice as many slots; a text for which there is none is as good as forgotten. */
function grow(cache: TextCache): void {
  const { slots, starts } = cache;
  cache.slots = new Int32Array(2 * slots.length);
  for (let at = 0; at < slots.length; at += 2)
    if (slots[at + 1] !== 0) put(cache.slots, slots[at] as number, slots[at + 1] as number);
  cache.starts = new Int32Array(cache.slots.length / 4 + 2);
  cache.starts.set(starts);
}

/** False if there is no free slot where the text would be looked for. */
function put(slots: Int32Array, hash: number, number: number): boolean {
  const mask = slots.length - 1;
  let at = (2 * hash) & mask;
  for (let left = MOST_PROBES; left > 0; left--, at = (at + 2) & mask) {
    if (slots[at + 1] !== 0) continue;
    slots[at] = hash;
    slots[at + 1] = number;
    return true;
  }
  return false;
}
