import { checkBatch, type BatchHeader } from '@millrace/record-batch';
import { batches, OUTLINE_BYTES, outlineAt } from './batch-walk.ts';
import { offsetName, type LogStore, type SegmentBytes } from './log-store.ts';
import { INDEX_INTERVAL_BYTES, SparseIndex } from './sparse-index.ts';

/** A run of batches of one partition: bytes, and an index of where they are. */
export class Segment {
  readonly baseOffset: number;
  /** The offset after the last batch. */
  nextOffset: number;
  maxTimestampMs = -1;
  readonly createdMs: number;
  bytes: SegmentBytes;
  readonly #store: LogStore;
  #index: SparseIndex | undefined;
  #hint = { offset: -1, position: 0 };

  private constructor(store: LogStore, baseOffset: number, bytes: SegmentBytes) {
    this.#store = store;
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
    this.bytes = bytes;
    this.createdMs = bytes.modifiedMs;
  }

  /** Opens a segment, or begins one. What its saved index does not vouch for is read through, and a torn tail cut off. */
  static open(store: LogStore, baseOffset: number): Segment {
    const segment = new Segment(store, baseOffset, store.open(baseOffset));
    const saved = segment.#savedIndex();
    if (saved === undefined) segment.#scan();
    else {
      segment.nextOffset = saved.head.nextOffset;
      segment.maxTimestampMs = saved.head.maxTimestampMs;
      segment.#index = saved.index;
    }
    return segment;
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }

  get hasIndexLoaded(): boolean {
    return this.#index !== undefined;
  }

  /** Adds a stamped batch. */
  append(batch: Buffer, header: BatchHeader, baseOffset: number): void {
    const position = this.bytes.byteLength;
    this.bytes.append(batch);
    this.#note(baseOffset, position);
    this.nextOffset = baseOffset + header.lastOffsetDelta + 1;
    if (header.maxTimestampMs > this.maxTimestampMs) this.maxTimestampMs = header.maxTimestampMs;
  }

  /**
   * Whole batches from the one that holds `offset` (or the first after it), ending before `untilOffset` and at
   * `maxBytes`; the first batch comes even if it is larger, unless `wholeOnly` says that it must fit.
   */
  read(offset: number, limits: { untilOffset: number; maxBytes: number; wholeOnly?: boolean }): Buffer {
    const hinted = this.#hint.offset === offset;
    let position = hinted ? this.#hint.position : this.#loadedIndex().positionOf(offset);
    let bytes = this.bytes.read(
      position,
      limits.maxBytes + (hinted ? OUTLINE_BYTES : 2 * INDEX_INTERVAL_BYTES),
    );
    let start = -1;
    let at = 0;
    for (;;) {
      const outline = outlineAt(bytes, at);
      if (outline === undefined) {
        if (start !== -1 || at === 0) break;
        position += at;
        bytes = this.bytes.read(position, Math.max(limits.maxBytes, INDEX_INTERVAL_BYTES));
        at = 0;
        continue;
      }
      const end = at + outline.byteLength;
      const wanted = outline.lastOffset >= offset;
      if (wanted && outline.baseOffset >= limits.untilOffset) break;
      if (wanted && start === -1) {
        if (limits.wholeOnly && outline.byteLength > limits.maxBytes) break;
        if (end > bytes.length) {
          position += at;
          bytes = this.bytes.read(position, Math.max(outline.byteLength, limits.maxBytes));
          if (outline.byteLength > bytes.length) break;
          at = 0;
          start = 0;
          at = outline.byteLength;
          this.#hint = { offset: outline.lastOffset + 1, position: position + at };
          continue;
        }
        start = at;
      } else if (wanted && (end > bytes.length || end - start > limits.maxBytes)) break;
      at = end;
      if (wanted) this.#hint = { offset: outline.lastOffset + 1, position: position + at };
    }
    return start === -1 ? Buffer.alloc(0) : bytes.subarray(start, at);
  }

  /** Batches from a place before the first record that is not older than `timestampMs`. */
  batchesFromTime(timestampMs: number): ReturnType<typeof batches> {
    return batches(this.bytes, this.#loadedIndex().positionOfTime(timestampMs));
  }

  /** All batches. */
  batches(): ReturnType<typeof batches> {
    return batches(this.bytes);
  }

  /** Saves the index, so that the segment needs no reading through when it is opened again. */
  saveIndex(): void {
    const { byteLength, nextOffset, maxTimestampMs } = this;
    const head = { byteLength, nextOffset, maxTimestampMs, modifiedMs: this.bytes.modifiedMs };
    this.#store.writeNote(this.#indexName, this.#loadedIndex().encode(head));
  }

  /** Gives up the memory of the index; it is read again when needed. For sealed segments whose index is saved. */
  unloadIndex(): void {
    if (this.#store.durable) this.#index = undefined;
  }

  /** Puts rewritten bytes in the place of this segment's, which now stands for all offsets before `nextOffset`. */
  replaceBytes(draft: SegmentBytes, about: { nextOffset: number; modifiedMs: number }): void {
    draft.flush();
    draft.close();
    this.#store.removeNote(this.#indexName);
    const bytes = this.#store.replace(this.baseOffset, draft, about.modifiedMs);
    this.bytes.close();
    this.bytes = bytes;
    this.#hint = { offset: -1, position: 0 };
    this.#scan();
    this.nextOffset = about.nextOffset;
    this.saveIndex();
  }

  close(): void {
    this.bytes.close();
  }

  remove(): void {
    this.bytes.close();
    this.#store.removeNote(this.#indexName);
    this.#store.remove(this.baseOffset);
  }

  get #indexName(): string {
    return `${offsetName(this.baseOffset)}.index`;
  }

  #loadedIndex(): SparseIndex {
    if (this.#index === undefined) {
      this.#index = this.#savedIndex()?.index;
      if (this.#index === undefined) this.#scan();
    }
    return this.#index!;
  }

  #savedIndex() {
    const note = this.#store.readNote(this.#indexName);
    return note === undefined ? undefined : SparseIndex.decode(note, this.bytes.byteLength);
  }

  #note(offset: number, position: number): void {
    this.#loadedIndex().note({ offset, position, maxBeforeMs: this.maxTimestampMs });
  }

  #scan(): void {
    this.#index = new SparseIndex();
    this.nextOffset = this.baseOffset;
    this.maxTimestampMs = -1;
    let end = 0;
    for (const { bytes, header, position } of batches(this.bytes)) {
      if (header.baseOffset < this.nextOffset || !isIntact(bytes, header)) break;
      this.#note(header.baseOffset, position);
      this.nextOffset = header.baseOffset + header.lastOffsetDelta + 1;
      this.maxTimestampMs = Math.max(this.maxTimestampMs, header.maxTimestampMs);
      end = position + header.byteLength;
    }
    if (end < this.bytes.byteLength) this.bytes.truncate(end);
  }
}

function isIntact(bytes: Buffer, header: BatchHeader): boolean {
  try {
    checkBatch(bytes, header);
    return true;
  } catch {
    return false;
  }
}
