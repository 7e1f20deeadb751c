import { crc32 } from 'node:zlib';

/** Where a piece of state lies among all pieces of a checkpoint: its first byte, and how many there are. */
export type Place = readonly [at: number, length: number];

/** Takes the next piece of a state; the bytes are valid during the call only. */
export type KeepPiece = (bytes: Uint8Array) => Place;

/** A bucket of windows as a checkpoint has it, and the numbers of the changelog's chunks that it stands for. */
export interface SavedBucket<Piece = Uint8Array> {
  readonly number: number;
  /** It stands for the chunks `[first, next)`. */
  readonly first: number;
  readonly next: number;
  readonly wholeBytes: number;
  readonly newBytes: number;
  /** Read one by one from where they lie. */
  readonly chunks: Iterable<Piece>;
}

export interface SavedView<Piece = Uint8Array> {
  readonly view: string;
  readonly buckets: readonly SavedBucket<Piece>[];
  /** What is not in buckets. */
  readonly meta: Piece;
}

/** The state of a task as of a commit. */
export interface SavedState<Piece = Uint8Array> {
  readonly views: readonly SavedView<Piece>[];
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

export interface Checkpoint<Piece = Uint8Array> {
  readonly owner: StateOwner;
  readonly state: SavedState<Piece>;
  /** All of the changelog before this offset is in the state. */
  readonly offset: number;
  readonly writtenMs: number;
}

/** The bytes of a checkpoint, wherever they are. */
export interface CheckpointBytes {
  readonly length: number;
  read(place: Place): Uint8Array;
}

/** What it begins with: magic and version. Then come the pieces of the state, and the end. */
const magic = Buffer.from('MLLRSTAT');
const version = 2;
export const checkpointStart: Buffer = Buffer.concat([magic, Buffer.from([0, 0, 0, version])]);
const firstPiece = checkpointStart.length;
/** Behind the last piece: the rest as JSON, then its length and the checksum of all before the checksum. */
const endBytes = 8;
/** Checked in blocks of this size, between which other work goes on. */
const blockBytes = 1024 * 1024;

/** What stands behind the pieces of a checkpoint; `crc` is the checksum of everything before. */
export function checkpointEnd(checkpoint: Checkpoint<Place>, crc: number): Buffer {
  const rest = Buffer.from(JSON.stringify(checkpoint));
  const end = Buffer.alloc(rest.length + endBytes);
  rest.copy(end);
  end.writeUInt32BE(rest.length, rest.length);
  end.writeUInt32BE(crc32(end.subarray(0, rest.length + 4), crc), rest.length + 4);
  return end;
}

/** Reads a checkpoint, all but its chunks, which are read when they are asked for; a text says why the bytes are none. */
export async function readCheckpoint(bytes: CheckpointBytes): Promise<Checkpoint | string> {
  const { length } = bytes;
  const read = (at: number, size: number): Buffer => {
    const { buffer, byteOffset, byteLength } = bytes.read([at, size]);
    return Buffer.from(buffer, byteOffset, byteLength);
  };
  if (length < firstPiece || !read(0, magic.length).equals(magic)) return 'it is not a checkpoint';
  const found = read(magic.length, 4).readUInt32BE();
  if (found !== version) return `it is in form ${found}, this release reads form ${version}`;
  if (length < firstPiece + endBytes) return 'its end is missing';
  let crc = 0;
  for (let at = 0; at < length - 4; at += blockBytes) {
    crc = crc32(read(at, Math.min(blockBytes, length - 4 - at)), crc);
    await new Promise(setImmediate);
  }
  if (crc !== read(length - 4, 4).readUInt32BE()) return 'its checksum is wrong';
  const restBytes = read(length - endBytes, 4).readUInt32BE();
  const rest = read(length - endBytes - restBytes, restBytes).toString();
  const { state, ...about } = JSON.parse(rest) as Checkpoint<Place>;
  const pieceAt = ([at, size]: Place) => read(firstPiece + at, size);
  const views = state.views.map(({ view, meta, buckets }) => ({
    view,
    meta: pieceAt(meta),
    buckets: buckets.map(({ chunks, ...bucket }) => ({ ...bucket, chunks: each(chunks, pieceAt) })),
  }));
  return { ...about, state: { ...state, views } };
}

/** What `of` makes of each, one by one as they are asked for. */
function each<T, U>(all: Iterable<T>, of: (one: T) => U): Iterable<U> {
  return {
    *[Symbol.iterator]() {
      for (const one of all) yield of(one);
    },
  };
}
