/** Decimals: two's-complement big-endian bytes on the wire, digits with a point here. */

/** `-12.340` for −12340 at scale 3. */
export function decimalText(bytes: Uint8Array, start: number, end: number, scale: number): string {
  const unscaled = bigEndian(bytes, start, end);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Digits of the number without its sign and point. */
export function digitCount(text: string): number {
  return text.replace(/^-?0*\.?0*|\./g, '').length;
}

/** The number without its point, or undefined where the text is no decimal or has more places than `scale`. */
export function unscaledOf(text: string, scale: number): bigint | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', places = ''] = match;
  const kept = places.slice(0, scale);
  if (/[1-9]/.test(places.slice(scale))) return undefined;
  const unscaled = BigInt(whole + kept.padEnd(scale, '0'));
  return sign === '-' ? -unscaled : unscaled;
}

/** The shortest two's-complement form, or exactly `size` bytes; undefined where it does not fit. */
export function bigEndianBytes(value: bigint, size?: number): Uint8Array | undefined {
  const magnitude = value < 0n ? -value - 1n : value;
  const needed = Math.floor((magnitude === 0n ? 0 : magnitude.toString(2).length) / 8) + 1;
  if (size !== undefined && needed > size) return undefined;
  const bytes = new Uint8Array(size ?? needed);
  let rest = value;
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index] = Number(BigInt.asUintN(8, rest));
    rest >>= 8n;
  }
  return bytes;
}

function bigEndian(bytes: Uint8Array, start: number, end: number): bigint {
  if (start === end) return 0n;
  let hex = '';
  for (let position = start; position < end; position++) {
    hex += (bytes[position] as number).toString(16).padStart(2, '0');
  }
  return BigInt.asIntN((end - start) * 8, BigInt(`0x${hex}`));
}
