/** Confluent wire format: a zero byte, the schema's id as four bytes big-endian, the payload. */
export const FRAME_BYTES = 5;

/** The id, or −1 where the bytes are not framed. */
export function frameId(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < FRAME_BYTES || bytes[start] !== 0) return -1;
  return (
    (((bytes[start + 1] as number) << 24) |
      ((bytes[start + 2] as number) << 16) |
      ((bytes[start + 3] as number) << 8) |
      (bytes[start + 4] as number)) >>>
    0
  );
}

/** Writes the five bytes and returns the position behind them. */
export function putFrame(bytes: Uint8Array, position: number, id: number): number {
  bytes[position] = 0;
  bytes[position + 1] = id >>> 24;
  bytes[position + 2] = id >>> 16;
  bytes[position + 3] = id >>> 8;
  bytes[position + 4] = id;
  return position + FRAME_BYTES;
}
