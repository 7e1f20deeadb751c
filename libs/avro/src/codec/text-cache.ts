/**
 * Remembers the short strings of one field: most columns repeat themselves, and a string that is already there costs
 * neither an allocation nor, later, its hash in a Map. A column that does not repeat itself switches its cache off.
 */
import { asciiText } from './utf8.ts';

const SLOTS = 1024;
const WIDTH = 32;
/** Look-ups after which a cache is judged, again and again. */
const TRIAL = 4096;
/** A miss costs about twice what a hit saves. */
const WORTHWHILE = (TRIAL * 2) / 3;

export interface TextCache {
  readonly bytes: Uint8Array;
  readonly lengths: Uint8Array;
  readonly texts: string[];
  hits: number;
  misses: number;
  off: boolean;
}

export function textCache(): TextCache {
  return {
    bytes: new Uint8Array(SLOTS * WIDTH),
    lengths: new Uint8Array(SLOTS),
    texts: new Array<string>(SLOTS).fill(''),
    hits: 0,
    misses: 0,
    off: false,
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
  const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
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
  if (++cache.misses + cache.hits >= TRIAL) {
    cache.off = cache.hits < WORTHWHILE;
    cache.hits = 0;
    cache.misses = 0;
  }
  return text;
}
