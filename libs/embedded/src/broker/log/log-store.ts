/** The bytes of one segment: append-only, readable anywhere. */
export interface SegmentBytes {
  readonly byteLength: number;
  /** When it was written last, milliseconds since the epoch. */
  readonly modifiedMs: number;
  /** Takes over all the bytes or none. @throws EMBEDDED_STORAGE if they cannot be stored */
  append(bytes: Uint8Array): void;
  /** Up to `length` bytes from `position`; fewer at the end. */
  read(position: number, length: number): Buffer;
  truncate(byteLength: number): void;
  /** Returns once the bytes are on the disk itself. */
  flush(): void;
  close(): void;
}

/** Where the segments of one partition live, with small notes beside them (indexes, snapshots). */
export interface LogStore {
  /** First offsets of the segments, ascending. */
  segments(): number[];
  open(baseOffset: number): SegmentBytes;
  remove(baseOffset: number): void;
  /** An empty segment in which a rewritten one is put together, to take its place by `replace`. */
  draft(baseOffset: number): SegmentBytes;
  /** Puts the draft in the place of the segment, all at once, as written at `modifiedMs`. The draft has to be closed before. */
  replace(baseOffset: number, draft: SegmentBytes, modifiedMs: number): SegmentBytes;
  notes(): string[];
  readNote(name: string): Buffer | undefined;
  /** Replaces a note, all at once. */
  writeNote(name: string, bytes: Uint8Array): void;
  removeNote(name: string): void;
  /** Whether sealed segments can give up their index and read it again later. */
  readonly durable: boolean;
}

/** A segment's first offset as the name of its files. */
export function offsetName(offset: number): string {
  return String(offset).padStart(20, '0');
}
