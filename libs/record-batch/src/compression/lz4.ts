import { copyLiteral, copyMatch, withView, type Bytes } from './copy-bytes.ts';
import { corrupt, tooLarge } from './faults.ts';

const FRAME_MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY_ID = 0x01;
const STORED = 0x80000000;
/** A length of 255 a byte is the most that a block can express. */
const MAX_EXPANSION = 255;

/**
 * Decompresses LZ4 frames. The result's size is bounded by the blocks' sizes before anything is allocated. Checksums
 * within the frame are passed over: the batch's CRC covers the same bytes.
 *
 * @throws RecordBatchError `RECORD_BATCH_TOO_LARGE`, `RECORD_BATCH_COMPRESSION`
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function decompressLz4(bytes: Buffer, maxBytes: number): Buffer {
  const blocks = readBlocks(bytes);
  let bound = 0;
  for (const block of blocks) bound += block.maxSize;
  const out = Buffer.allocUnsafe(Math.min(bound, maxBytes));
  const source = withView(bytes);
  const target = withView(out);
  let at = 0;
  for (const block of blocks) {
    const limit = Math.min(at + block.maxSize, out.length);
    const end = block.stored
      ? store(bytes, block, out, at, limit)
      : decompressBlock(source, block, target, at, limit);
    if (end < 0) {
      if (limit === maxBytes) throw tooLarge('lz4', maxBytes);
      throw corrupt('lz4', `the block at byte ${block.start} is larger than its frame allows`);
    }
    at = end;
  }
  // A tight copy, so that a short result does not hold on to a large buffer.
  return at * 2 < out.length ? Buffer.from(out.subarray(0, at)) : out.subarray(0, at);
}

interface Block {
  readonly start: number;
  readonly end: number;
  readonly stored: boolean;
  readonly maxSize: number;
}

function readBlocks(bytes: Buffer): Block[] {
  const blocks: Block[] = [];
  if (bytes.length === 0) throw corrupt('lz4', 'there is no frame');
  for (let at = 0; at < bytes.length;) {
    const magic = word(bytes, at);
    if ((magic & ~0xf) === SKIPPABLE_MAGIC) at += 8 + word(bytes, at + 4);
    else if (magic === FRAME_MAGIC) at = readFrame(bytes, at, blocks);
    else throw corrupt('lz4', `no frame starts at byte ${at}`);
  }
  return blocks;
}

function readFrame(bytes: Buffer, start: number, blocks: Block[]): number {
  const flags = bytes[start + 4] ?? 0;
  const sizeCode = ((bytes[start + 5] ?? 0) >>> 4) & 7;
  if (flags >>> 6 !== 1 || sizeCode < 4)
    throw corrupt('lz4', `the frame at byte ${start} has an unknown header`);
  if ((flags & DICTIONARY_ID) !== 0) throw corrupt('lz4', `the frame at byte ${start} needs a dictionary`);
  const maxBlockBytes = 2 ** (8 + 2 * sizeCode);
  const blockTrailer = (flags & BLOCK_CHECKSUM) !== 0 ? 4 : 0;
  let at = start + 7 + ((flags & CONTENT_SIZE) !== 0 ? 8 : 0);
  for (;;) {
    const size = word(bytes, at);
    at += 4;
    if (size === 0) break;
    const stored = size >= STORED;
    const length = stored ? size - STORED : size;
    if (length > bytes.length - at) throw corrupt('lz4', `the block at byte ${at} is cut off`);
    const maxSize = Math.min(maxBlockBytes, stored ? length : length * MAX_EXPANSION);
    blocks.push({ start: at, end: at + length, stored, maxSize });
    at += length + blockTrailer;
  }
  return at + ((flags & CONTENT_CHECKSUM) !== 0 ? 4 : 0);
}

function word(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw corrupt('lz4', `the frame is cut off at byte ${bytes.length}`);
  return bytes.readUInt32LE(at);
}

/** Both block readers return where the output ends, or −1 when it would pass `limit`. */
function store(bytes: Buffer, block: Block, out: Buffer, at: number, limit: number): number {
  const length = block.end - block.start;
  if (length > limit - at) return -1;
  bytes.copy(out, at, block.start, block.end);
  return at + length;
}

/** @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function decompressBlock(
  source: Bytes,
  block: Block,
  target: Bytes,
  outStart: number,
  limit: number,
): number {
  const bytes = source.array;
  const { end } = block;
  let at = block.start;
  let to = outStart;
  while (at < end) {
    const token = bytes[at++]!;
    let literal = token >>> 4;
    if (literal === 15) {
      let byte = 255;
      while (byte === 255 && at < end) literal += byte = bytes[at++]!;
    }
    if (literal > end - at) throw corrupt('lz4', `a literal of ${literal} bytes at byte ${at} does not fit`);
    if (literal > limit - to) return -1;
    copyLiteral(source, at, literal, target, to);
    at += literal;
    to += literal;
    if (at === end) return to;

    if (at + 2 > end) throw corrupt('lz4', `a match at byte ${at} is cut off`);
    const distance = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let byte = 255;
      while (byte === 255 && at < end) length += byte = bytes[at++]!;
    }
    // Blocks may be linked: a match may reach back into the blocks before.
    if (distance === 0 || distance > to)
      throw corrupt('lz4', `a match at byte ${at} reaches ${distance} bytes back`);
    if (length > limit - to) return -1;
    copyMatch(target, to, distance, length);
    to += length;
  }
  return to;
}
