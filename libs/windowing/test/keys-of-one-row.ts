import { hashed, hashValue } from '../src/sketches/hash.ts';
import { KEY_GROUPS } from '../src/state/key-table.ts';

/** Two keys of the same group and 32-bit number: what is outside of memory has them in one row. */
export const keysOfOneRow: readonly [string, string] = (() => {
  const seen = new Map<number, string>();
  for (let i = 0; ; i++) {
    hashValue(`key ${i}`);
    const id = (hashed.high % KEY_GROUPS) * 2 ** 32 + hashed.low;
    const other = seen.get(id);
    if (other !== undefined) return [other, `key ${i}`] as const;
    seen.set(id, `key ${i}`);
  }
})();
