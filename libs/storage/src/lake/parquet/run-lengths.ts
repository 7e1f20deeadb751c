import { putPacked, putVarint } from './bit-packing.ts';
import type { Bytes } from './bit-packing.ts';

const groupSize = 8;
/** Of a run's header and value, or of a header before packed groups. */
const maxHeaderBytes = 14;

/**
 * Small whole numbers as runs of one value or packed in groups of eight, whichever is shorter: definition levels and
 * dictionary indexes.
 *
 * @see https://github.com/apache/parquet-format/blob/master/Encodings.md#run-length-encoding--bit-packing-hybrid-rle--3
 */
export function encodeRuns(values: Uint8Array | Int32Array, width: number): Uint8Array {
  const groups = Math.ceil(values.length / groupSize);
  const bytes: Bytes = { into: new Uint8Array(groups * (width + maxHeaderBytes) + maxHeaderBytes), at: 0 };
  const pack = (from: number, end: number): void => {
    if (end === from) return;
    const count = Math.ceil((end - from) / groupSize);
    putVarint(bytes, count * 2 + 1);
    putPacked(bytes, values, { from, count: count * groupSize, width });
  };
  let packedFrom = 0;
  let at = 0;
  while (at < values.length) {
    const value = values[at] as number;
    let end = at + 1;
    while (end < values.length && values[end] === value) end++;
    if (end - at < groupSize) {
      at += groupSize;
      continue;
    }
    pack(packedFrom, at);
    putVarint(bytes, (end - at) * 2);
    for (let shift = 0; shift < width; shift += 8) bytes.into[bytes.at++] = value >>> shift;
    packedFrom = at = end;
  }
  pack(packedFrom, values.length);
  return bytes.into.subarray(0, bytes.at);
}
