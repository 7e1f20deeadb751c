/**
 * Remembers the short strings of one field: most columns repeat themselves, and a string that is already there costs
 * neither an allocation nor, later, its hash in a Map. A column of many texts makes its cache larger; one that does not
 * repeat itself switches it off.
 */
import { asciiText } from './utf8.ts';

const FIRST_SLOTS = 1024;
/** Half a megabyte of bytes, for a column of some thousand texts; more of them would not stay in the processor's caches. */
const MOST_SLOTS = 16_384;
const WIDTH = 32;
/** Look-ups per slot after which a cache is judged, again and again. */
const TRIAL = 4;
/** A miss costs about twice what a hit saves. */
const WORTHWHILE = 2 / 3;
/** With fewer hits than this a cache grows, as long as it may. */
const GOOD = 0.8;

export interface TextCache {
  slots: number;
  bytes: Uint8Array;
  lengths: Uint8Array;
  texts: string[];
  hits: number;
  misses: number;
  off: boolean;
}

export function textCache(): TextCache {
  return { ...emptySlots(FIRST_SLOTS), hits: 0, misses: 0, off: false };
}

function emptySlots(slots: number) {
  return {
    slots,
    bytes: new Uint8Array(slots * WIDTH),
    lengths: new Uint8Array(slots),
    texts: new Array<string>(slots).fill(''),
  };
}

/** Text of bytes that are known to be ASCII. */
export function cachedText(cache: TextCache, source: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (cache.off || length > WIDTH) return asciiText(source, start, end);
  let hash = length;
  for (let position = start; position < end; position++) {
    hash = (Math.imul(hash, 31) + (source[position] as number)) | 0;
  }
  // Digits alone change few bits: all of them must reach the low ones.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  const slot = (hash ^ (hash >>> 13)) & (cache.slots - 1);
  const base = slot * WIDTH;
  const { bytes } = cache;
  if (cache.lengths[slot] === length) {
    let index = 0;
    while (index < length && bytes[base + index] === source[start + index]) index++;
    if (index === length) {
      cache.hits++;
      return cache.texts[slot] as string;
    }
  }
  return remember(cache, source, start, end, slot);
}

function remember(cache: TextCache, source: Uint8Array, start: number, end: number, slot: number): string {
  const text = asciiText(source, start, end);
  const base = slot * WIDTH;
  for (let index = 0; index < end - start; index++)
    cache.bytes[base + index] = source[start + index] as number;
  cache.lengths[slot] = end - start;
  cache.texts[slot] = text;
  if (++cache.misses + cache.hits >= TRIAL * cache.slots) judge(cache);
  return text;
}

/** A cache that misses too often becomes larger, and is switched off when that does not help. */
function judge(cache: TextCache): void {
  const share = cache.hits / (cache.hits + cache.misses);
  cache.hits = 0;
  cache.misses = 0;
  if (share < GOOD && cache.slots < MOST_SLOTS) Object.assign(cache, emptySlots(cache.slots * 4));
  else if (share < WORTHWHILE) {
    cache.off = true;
    Object.assign(cache, emptySlots(0));
  }
}
