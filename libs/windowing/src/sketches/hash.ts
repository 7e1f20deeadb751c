/** Two independent 32-bit hashes of a plain value, in `hashed.high` and `hashed.low`. */
export const hashed = { high: 0, low: 0 };

const bits = new DataView(new ArrayBuffer(8));

/** Hashes a primitive (other values: give their JSON text); equal values have equal hashes on every machine. */
export function hashValue(value: unknown): void {
  let a = 0x9e37_79b9;
  let b = 0x85eb_ca6b;
  if (typeof value === 'number') {
    bits.setFloat64(0, value + 0);
    a = mix(a ^ bits.getUint32(0));
    a = mix(a ^ bits.getUint32(4));
    b = mix((b + bits.getUint32(4)) | 0);
    b = mix((b + bits.getUint32(0)) | 0);
  } else {
    const text = typeof value === 'string' ? value : `\u0000${String(value)}`;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x0100_0193);
      b = Math.imul(b, 31) + unit + 0x7f4a_7c15;
      b = (b << 13) | (b >>> 19);
    }
    a ^= text.length;
  }
  hashed.high = mix(a ^ Math.imul(b, 0x27d4_eb2f)) >>> 0;
  hashed.low = mix(b ^ Math.imul(hashed.high, 0x1656_67b1)) >>> 0;
}

/** The finaliser of MurmurHash3: every input bit changes every output bit with probability one half. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
