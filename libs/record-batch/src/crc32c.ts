import { crc32c as checksum } from '@node-rs/crc32';

/**
 * The CRC-32C (Castagnoli) of `bytes[start, end)` as an unsigned 32-bit integer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return start === end ? 0 : checksum(bytes.subarray(start, end));
}
