import { crc32 } from 'node:zlib';

/** A bucket of windows as a checkpoint has it, and the numbers of the changelog's chunks that it stands for. */
export interface SavedBucket {
  readonly number: number;
  /** It stands for the chunks `[first, next)`. */
  readonly first: number;
  readonly next: number;
  readonly wholeBytes: number;
  readonly newBytes: number;
  readonly chunks: readonly Buffer[];
}

export interface SavedView {
  readonly view: string;
  readonly buckets: readonly SavedBucket[];
  /** What is not in buckets. */
  readonly meta: Buffer;
}

/** The state of a task as of a commit. */
export interface SavedState {
  readonly views: readonly SavedView[];
  /** What the changelog says of views that keep nothing else. */
  readonly watermarks: string;
}

/** What state belongs to: it is of use for nothing else. */
export interface StateOwner {
  readonly group: string;
  readonly task: string;
  readonly changelog: string;
  /** The topic's own id: one made again under the name has another. */
  readonly topicId: string;
  readonly partition: number;
  /** By what definition the state was made. */
  readonly stamp: string;
}

export interface Checkpoint {
  readonly owner: StateOwner;
  readonly state: SavedState;
  /** All of the changelog before this offset is in the state. */
  readonly offset: number;
  readonly writtenMs: number;
}

const magic = Buffer.from('MLLRSTAT');
const version = 1;
/** Magic, version, checksum of all that follows: the length of the header, the header, chunks. */
const prefixBytes = magic.length + 8;

/** The header: everything but the bytes of chunks, of which it has the lengths. */
interface Header extends Omit<Checkpoint, 'state'> {
  readonly watermarks: string;
  readonly views: readonly {
    readonly view: string;
    readonly meta: number;
    readonly buckets: readonly (Omit<SavedBucket, 'chunks'> & { readonly chunks: readonly number[] })[];
  }[];
}

/** A checkpoint as the pieces of its file, in order; the state's own buffers are not copied. */
export function encodeCheckpoint({ state, ...rest }: Checkpoint): Buffer[] {
  const pieces: Buffer[] = [];
  const views = state.views.map(({ view, meta, buckets }) => {
    pieces.push(meta);
    return {
      view,
      meta: meta.length,
      buckets: buckets.map(({ chunks, ...bucket }) => {
        pieces.push(...chunks);
        return { ...bucket, chunks: chunks.map(({ length }) => length) };
      }),
    };
  });
  const header: Header = { ...rest, watermarks: state.watermarks, views };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(headerBytes.length);
  pieces.unshift(length, headerBytes);
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix.writeUInt32BE(version, magic.length);
  prefix.writeUInt32BE(
    pieces.reduce((sum, piece) => crc32(piece, sum), 0),
    magic.length + 4,
  );
  return [prefix, ...pieces];
}

/** Reads a checkpoint; a text says why the bytes are none. What it gives shares their memory. */
export function decodeCheckpoint(bytes: Buffer): Checkpoint | string {
  if (bytes.length < prefixBytes || !bytes.subarray(0, magic.length).equals(magic))
    return 'it is not a checkpoint';
  const found = bytes.readUInt32BE(magic.length);
  if (found !== version) return `it is in form ${found}, this release reads form ${version}`;
  if (crc32(bytes.subarray(prefixBytes)) !== bytes.readUInt32BE(magic.length + 4))
    return 'its checksum is wrong';
  let at = prefixBytes;
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  const headerBytes = take(4).readUInt32BE();
  const { watermarks, views, ...rest } = JSON.parse(take(headerBytes).toString()) as Header;
  const state: SavedState = {
    watermarks,
    views: views.map(({ view, meta, buckets }) => ({
      view,
      meta: take(meta),
      buckets: buckets.map(({ chunks, ...bucket }) => ({ ...bucket, chunks: chunks.map(take) })),
    })),
  };
  return { ...rest, state };
}
