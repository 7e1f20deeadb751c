import { snappyCompress } from '@platformatic/wasm-utils';
import { copyLiteral, copyMatch, withView, type Bytes } from './copy-bytes.ts';
import { corrupt, tooLarge } from './faults.ts';

/** What `SnappyOutputStream` of xerial's snappy-java, the framing of Kafka's Java clients, starts with. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_MAGIC_INT = XERIAL_MAGIC.readInt32BE(0);
/** The magic, then version and lowest compatible version, both 1. */
const XERIAL_HEADER = Buffer.from([...XERIAL_MAGIC, 0, 0, 0, 1, 0, 0, 0, 1]);
/** The block size that Kafka's Java clients use. */
const XERIAL_BLOCK_BYTES = 32_768;
/** A copy element makes at most 64 bytes of three: data that promises more than this per byte lies. */
const MAX_EXPANSION = 22;

/** Snappy in the xerial framing, in blocks of 32 KiB. */
export function compressSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let start = 0; start < bytes.length; start += XERIAL_BLOCK_BYTES) {
    const block = snappyCompress(bytes.subarray(start, start + XERIAL_BLOCK_BYTES));
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/**
 * Decompresses raw or xerial-framed snappy; the result is allocated once, after its size has been checked.
 *
 * @throws RecordBatchError `RECORD_BATCH_TOO_LARGE`, `RECORD_BATCH_COMPRESSION`
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const framed = bytes.length >= XERIAL_HEADER.length && bytes.compare(XERIAL_MAGIC, 0, 8, 0, 8) === 0;
  let total = 0;
  const blocks = framed ? xerialBlocks(bytes) : [bytes];
  for (const block of blocks) {
    const size = uncompressedSize(block);
    if (size > block.length * MAX_EXPANSION) throw corrupt('snappy', `${block.length} bytes promise ${size}`);
    total += size;
    if (total > maxBytes) throw tooLarge('snappy', maxBytes);
  }
  const out = Buffer.allocUnsafe(total);
  const target = withView(out);
  let at = 0;
  for (const block of blocks) {
    const size = uncompressedSize(block);
    decompressBlock(withView(block), preambleEnd, target, at, at + size);
    at += size;
  }
  return out;
}

function xerialBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER.length; at < bytes.length;) {
    if (at + 4 > bytes.length) throw corrupt('snappy', `a block length at byte ${at} is cut off`);
    const length = bytes.readInt32BE(at);
    // Streams may have been concatenated: a header in place of a length starts the next one.
    if (length === XERIAL_MAGIC_INT) {
      at += XERIAL_HEADER.length;
      continue;
    }
    if (length < 0 || length > bytes.length - at - 4) {
      throw corrupt('snappy', `a block of ${length} bytes at byte ${at} does not fit`);
    }
    blocks.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}

let preambleEnd = 0;

function uncompressedSize(block: Buffer): number {
  let size = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block[index];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    preambleEnd = index + 1;
    return size;
  }
  throw corrupt('snappy', 'its length is no varint of 32 bits');
}

function decompressBlock(
  source: Bytes,
  start: number,
  target: Bytes,
  outStart: number,
  outEnd: number,
): void {
  const block = source.array;
  let at = start;
  let to = outStart;
  const end = block.length;
  while (at < end) {
    const tag = block[at++]!;
    if ((tag & 3) === 0) {
      let length = tag >>> 2;
      if (length >= 60) {
        const extra = length - 59;
        if (at + extra > end) throw corrupt('snappy', 'a literal length is cut off');
        length = block.readUIntLE(at, extra);
        at += extra;
      }
      length++;
      if (length > end - at || length > outEnd - to)
        throw corrupt('snappy', `a literal of ${length} bytes does not fit`);
      copyLiteral(source, at, length, target, to);
      at += length;
      to += length;
      continue;
    }
    let length = (tag >>> 2) + 1;
    let distance: number;
    if ((tag & 3) === 1) {
      if (at + 1 > end) throw corrupt('snappy', 'a copy is cut off');
      length = ((tag >>> 2) & 7) + 4;
      distance = ((tag >>> 5) << 8) | block[at++]!;
    } else if ((tag & 3) === 2) {
      if (at + 2 > end) throw corrupt('snappy', 'a copy is cut off');
      distance = block[at]! | (block[at + 1]! << 8);
      at += 2;
    } else {
      if (at + 4 > end) throw corrupt('snappy', 'a copy is cut off');
      distance = block.readUInt32LE(at);
      at += 4;
    }
    if (distance === 0 || distance > to - outStart || length > outEnd - to) {
      throw corrupt('snappy', `a copy of ${length} bytes from ${distance} back does not fit`);
    }
    copyMatch(target, to, distance, length);
    to += length;
  }
  if (to !== outEnd)
    throw corrupt('snappy', `it gives ${to - outStart} bytes and promised ${outEnd - outStart}`);
}
