import type { LogStore, SegmentBytes } from './log-store.ts';

/** Keeps segments in memory, for tests: nothing is left after the broker has stopped. */
export function memoryStore(now: () => number): LogStore {
  const segments = new Map<number, SegmentBytes>();
  return {
    durable: false,
    segments: () => [...segments.keys()].sort((a, b) => a - b),
    open(baseOffset) {
      const known = segments.get(baseOffset);
      if (known !== undefined) return known;
      const bytes = memoryBytes(now);
      segments.set(baseOffset, bytes);
      return bytes;
    },
    remove: (baseOffset) => void segments.delete(baseOffset),
    draft: () => memoryBytes(now),
    replace(baseOffset, draft, modifiedMs) {
      const bytes = memoryBytes(() => modifiedMs);
      bytes.append(draft.read(0, draft.byteLength));
      segments.set(baseOffset, bytes);
      return bytes;
    },
    notes: () => [],
    readNote: () => undefined,
    writeNote: () => undefined,
    removeNote: () => undefined,
  };
}

function memoryBytes(now: () => number): SegmentBytes {
  let buffer = Buffer.alloc(0);
  let byteLength = 0;
  let modifiedMs = now();
  return {
    get byteLength() {
      return byteLength;
    },
    get modifiedMs() {
      return modifiedMs;
    },
    append(bytes) {
      const needed = byteLength + bytes.length;
      if (needed > buffer.length) {
        // Slices given out before stay valid: they keep the smaller buffer, whose bytes do not change any more.
        const grown = Buffer.allocUnsafeSlow(Math.max(4096, needed, 2 * buffer.length));
        buffer.copy(grown, 0, 0, byteLength);
        buffer = grown;
      }
      buffer.set(bytes, byteLength);
      byteLength = needed;
      modifiedMs = now();
    },
    read: (position, length) => buffer.subarray(position, Math.min(byteLength, position + length)),
    truncate(length) {
      buffer = Buffer.from(buffer.subarray(0, length));
      byteLength = length;
    },
    flush: () => undefined,
    close: () => undefined,
  };
}
