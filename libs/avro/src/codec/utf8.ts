/** Strict UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether `[start, end)` is well-formed UTF-8 (Unicode 15, table 3-7). */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let position = start;
  while (position < end) {
    const lead = bytes[position++] as number;
    if (lead < 0x80) continue;
    let more: number;
    let low = 0x80;
    let high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) more = 1;
    else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2;
      if (lead === 0xe0) low = 0xa0;
      else if (lead === 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      if (lead === 0xf0) low = 0x90;
      else if (lead === 0xf4) high = 0x8f;
    } else return false;
    if (end - position < more) return false;
    const second = bytes[position++] as number;
    if (second < low || second > high) return false;
    for (; more > 1; more--) if (((bytes[position++] as number) & 0xc0) !== 0x80) return false;
  }
  return true;
}

/** Buffers (Node) slice strings without an intermediate view; plain arrays (browsers) go through TextDecoder. */
interface Slicing {
  latin1Slice?(start: number, end: number): string;
  utf8Slice?(start: number, end: number): string;
}

/** Text of bytes that are known to be ASCII. */
export function asciiText(bytes: Uint8Array & Slicing, start: number, end: number): string {
  if (bytes.latin1Slice !== undefined) return bytes.latin1Slice(start, end);
  return decoder.decode(bytes.subarray(start, end));
}

/** Text of bytes that are known to be UTF-8. */
export function utf8Text(bytes: Uint8Array & Slicing, start: number, end: number): string {
  if (bytes.utf8Slice !== undefined) return bytes.utf8Slice(start, end);
  return decoder.decode(bytes.subarray(start, end));
}
