const TWO_32 = 2 ** 32;

/** A signed big-endian 64-bit integer as a double: exact up to 2^53, rounded beyond. */
export function readInt64(bytes: Buffer, position: number): number {
  return bytes.readInt32BE(position) * TWO_32 + bytes.readUInt32BE(position + 4);
}

/** Writes an integer of at most 53 bits as a signed big-endian 64-bit integer. */
export function writeInt64(bytes: Buffer, position: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  bytes.writeInt32BE(high, position);
  bytes.writeUInt32BE(value - high * TWO_32, position + 4);
}
