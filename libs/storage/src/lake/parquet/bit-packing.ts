/** Bytes that are written from the front; the caller knows how many there will be at most. */
export interface Bytes {
  readonly into: Uint8Array;
  at: number;
}

/** Writes an unsigned whole number of up to 53 bits as a varint. */
export function putVarint(bytes: Bytes, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.into[bytes.at++] = (rest % 0x80) + 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes.into[bytes.at++] = rest;
}

/** Narrower values than this fit, beside the bits that are left over, into the 32 bits of JavaScript's bit operations. */
const narrowBits = 25;

/** Appends `count` values of `width` bits from `values[from]` on, lowest bits first; what is past the end counts as 0. */
export function putPacked(
  bytes: Bytes,
  values: ArrayLike<number>,
  { from, count, width }: { readonly from: number; readonly count: number; readonly width: number },
): void {
  const { into } = bytes;
  const end = Math.min(from + count, values.length);
  let { at } = bytes;
  let pending = 0;
  let bits = 0;
  for (let index = from; index < end; index++) {
    if (width < narrowBits) {
      pending |= (values[index] as number) << bits;
      for (bits += width; bits >= 8; bits -= 8) {
        into[at++] = pending;
        pending >>>= 8;
      }
    } else {
      pending += (values[index] as number) * 2 ** bits;
      for (bits += width; bits >= 8; bits -= 8) {
        into[at++] = pending % 256;
        pending = Math.floor(pending / 256);
      }
    }
  }
  const last = bytes.at + Math.ceil((count * width) / 8);
  if (bits > 0) into[at++] = pending;
  into.fill(0, at, last);
  bytes.at = last;
}

/** Bits that a whole number from 0 to 2^53 needs. */
export function bitWidth(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32));
}
