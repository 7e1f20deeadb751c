/** One entry for about this many bytes of a segment: a lookup then reads one disk page's worth of batch headers. */
export const INDEX_INTERVAL_BYTES = 4096;

const ENTRY_BYTES = 24;
const HEAD_BYTES = 40;
const MARK = 0x4d524931; // "MRI1"

/** What a segment knows of itself besides its entries; saved in front of them. */
export interface IndexHead {
  readonly byteLength: number;
  readonly nextOffset: number;
  readonly maxTimestampMs: number;
  readonly modifiedMs: number;
}

/** Where in a segment some of its batches begin, and the greatest timestamp before each of them. */
export class SparseIndex {
  #offsets: number[] = [];
  #positions: number[] = [];
  #timestamps: number[] = [];

  /** Notes a batch, if it is far enough from the last one noted. `maxBeforeMs` is the greatest timestamp of all batches before it. */
  note(entry: { offset: number; position: number; maxBeforeMs: number }): void {
    const last = this.#positions.at(-1);
    if (last !== undefined && entry.position - last < INDEX_INTERVAL_BYTES) return;
    this.#offsets.push(entry.offset);
    this.#positions.push(entry.position);
    this.#timestamps.push(entry.maxBeforeMs);
  }

  /** The position of the last noted batch that begins at or before `offset`. */
  positionOf(offset: number): number {
    return this.#positions[lastAtMost(this.#offsets, offset)] ?? 0;
  }

  /** A position before which every record is older than `timestampMs`. */
  positionOfTime(timestampMs: number): number {
    return this.#positions[lastAtMost(this.#timestamps, timestampMs - 1)] ?? 0;
  }

  encode(head: IndexHead): Buffer {
    const bytes = Buffer.alloc(HEAD_BYTES + ENTRY_BYTES * this.#offsets.length);
    bytes.writeUInt32BE(MARK, 0);
    bytes.writeDoubleBE(head.byteLength, 8);
    bytes.writeDoubleBE(head.nextOffset, 16);
    bytes.writeDoubleBE(head.maxTimestampMs, 24);
    bytes.writeDoubleBE(head.modifiedMs, 32);
    this.#offsets.forEach((offset, entry) => {
      const at = HEAD_BYTES + ENTRY_BYTES * entry;
      bytes.writeDoubleBE(offset, at);
      bytes.writeDoubleBE(this.#positions[entry]!, at + 8);
      bytes.writeDoubleBE(this.#timestamps[entry]!, at + 16);
    });
    return bytes;
  }

  /** Reads a saved index; undefined if it does not belong to a segment of `byteLength` bytes. */
  static decode(bytes: Buffer, byteLength: number): { index: SparseIndex; head: IndexHead } | undefined {
    if (bytes.length < HEAD_BYTES || bytes.readUInt32BE(0) !== MARK) return undefined;
    const head: IndexHead = {
      byteLength: bytes.readDoubleBE(8),
      nextOffset: bytes.readDoubleBE(16),
      maxTimestampMs: bytes.readDoubleBE(24),
      modifiedMs: bytes.readDoubleBE(32),
    };
    if (head.byteLength !== byteLength) return undefined;
    const index = new SparseIndex();
    for (let at = HEAD_BYTES; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
      index.#offsets.push(bytes.readDoubleBE(at));
      index.#positions.push(bytes.readDoubleBE(at + 8));
      index.#timestamps.push(bytes.readDoubleBE(at + 16));
    }
    return { index, head };
  }
}

/** The last place of an ascending list whose value is at most `limit`; −1 if there is none. */
function lastAtMost(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
