import { bitWidth, putPacked, putVarint } from './bit-packing.ts';
import type { Bytes } from './bit-packing.ts';

const blockSize = 128;
const miniblocks = 4;
const miniblockSize = blockSize / miniblocks;

/** Values that lie further apart than this would leave the exact range of numbers while they are packed. */
export const maxDeltaRange = 2 ** 44;
const maxBytesPerBlock = 16 + miniblocks + (blockSize * 46) / 8;

/**
 * Whole numbers as packed differences (DELTA_BINARY_PACKED): times and offsets rise slowly, and small numbers become as small
 * as by a dictionary. They must lie within {@link maxDeltaRange} of each other.
 *
 * @see https://github.com/apache/parquet-format/blob/master/Encodings.md#delta-encoding-delta_binary_packed--5
 */
export function encodeDeltas(values: Float64Array): Uint8Array {
  const blocks = Math.ceil(values.length / blockSize);
  const bytes: Bytes = { into: new Uint8Array(blocks * maxBytesPerBlock + 32), at: 0 };
  for (const size of [blockSize, miniblocks, values.length]) putVarint(bytes, size);
  putZigZag(bytes, values[0] ?? 0);
  const deltas = new Float64Array(blockSize);
  for (let from = 1; from < values.length; from += blockSize) {
    const count = Math.min(blockSize, values.length - from);
    let least = Infinity;
    for (let index = 0; index < count; index++) {
      const delta = (values[from + index] as number) - (values[from + index - 1] as number);
      deltas[index] = delta;
      if (delta < least) least = delta;
    }
    putBlock(bytes, { deltas, count, least });
  }
  return bytes.into.subarray(0, bytes.at);
}

function putBlock(
  bytes: Bytes,
  { deltas, count, least }: { readonly deltas: Float64Array; readonly count: number; readonly least: number },
): void {
  putZigZag(bytes, least);
  for (let index = 0; index < count; index++) deltas[index]! -= least;
  deltas.fill(0, count);
  const widthsAt = bytes.at;
  bytes.at += miniblocks;
  for (let miniblock = 0; miniblock < miniblocks; miniblock++) {
    const from = miniblock * miniblockSize;
    let most = 0;
    for (let index = from; index < from + miniblockSize; index++) {
      if ((deltas[index] as number) > most) most = deltas[index] as number;
    }
    const width = bitWidth(most);
    bytes.into[widthsAt + miniblock] = width;
    if (width > 0) putPacked(bytes, deltas, { from, count: miniblockSize, width });
  }
}

/** Exact within ±2^53, though it does not fit a double: the lowest bit is written by itself. */
function putZigZag(bytes: Bytes, value: number): void {
  const [half, sign] = value < 0 ? [-value - 1, 1] : [value, 0];
  const low = (half % 64) * 2 + sign;
  const rest = Math.floor(half / 64);
  if (rest === 0) bytes.into[bytes.at++] = low;
  else {
    bytes.into[bytes.at++] = low + 0x80;
    putVarint(bytes, rest);
  }
}
