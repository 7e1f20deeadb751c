import type { KeepPiece, Place, SavedBucket, SavedView } from './checkpoint.ts';
import type { PartitionOutput } from '../results/output-buffer.ts';

/** What keeps a view's windows: gives what changed since the last call, takes it back on restore. */
export interface BucketedState {
  /** `bytes` are valid during the call. */
  drainChanges(write: (bucket: number, bytes: Uint8Array) => void): void;
  /** The whole bucket, in the form of `drainChanges`. */
  snapshotBucket(bucket: number, write: (bucket: number, bytes: Uint8Array) => void): void;
  /** All buckets, where one pass for all is quicker than one for each. */
  snapshotBuckets?(write: (bucket: number, bytes: Uint8Array) => void): void;
  /** What is not in buckets. */
  saveMeta(): Uint8Array;
  /** Applies a chunk, or what `saveMeta` gave; what comes later wins. */
  restore(bytes: Uint8Array): void;
}

/** Where changes are appended. */
export type ChangelogOutput = Pick<PartitionOutput, 'append'>;

interface Bucket {
  /** Chunks in the changelog have the numbers `[first, next)`. */
  first: number;
  next: number;
  /** Bytes of the last whole snapshot, and of the chunks written since. */
  wholeBytes: number;
  newBytes: number;
}

/** Fewer chunks than this are never worth rewriting. */
const fewChunks = 16;
/** Rewriting is paid for by this many bytes of chunks, at least. */
const minRewriteBytes = 64 * 1024;

/**
 * The changelog of one view of one task. Each commit appends, per bucket of windows that changed, one chunk of changed cells
 * under its own key; a bucket with more chunk bytes than it is large is written anew; a bucket that is gone leaves tombstones.
 */
export class StateLog {
  readonly #view: string;
  readonly #state: BucketedState;
  readonly #metaKey: Buffer;
  readonly #buckets = new Map<number, Bucket>();
  readonly #closed: number[] = [];
  #meta: Buffer = Buffer.alloc(0);

  constructor(view: string, state: BucketedState) {
    this.#view = view;
    this.#state = state;
    this.#metaKey = Buffer.from(metaKeyOf(view));
  }

  get bucketCount(): number {
    return this.#buckets.size;
  }

  get chunkBytes(): number {
    let bytes = 0;
    for (const { wholeBytes, newBytes } of this.#buckets.values()) bytes += wholeBytes + newBytes;
    return bytes;
  }

  /** No state of this bucket is left: its chunks get tombstones at the next flush. */
  closed(bucket: number): void {
    if (this.#buckets.has(bucket)) this.#closed.push(bucket);
  }

  /** Appends what changed since the last call; returns the bytes written. */
  flush(output: ChangelogOutput, nowMs: number): number {
    let bytes = 0;
    for (const number of this.#closed.splice(0)) this.#forget(number, output, nowMs);
    const grown = new Set<number>();
    this.#state.drainChanges((number, chunk) => {
      bytes += chunk.length;
      this.#append(number, chunk, output, nowMs).newBytes += chunk.length;
      grown.add(number);
    });
    for (const number of grown) bytes += this.#rewriteIfWorthwhile(number, output, nowMs);
    const meta = Buffer.from(this.#state.saveMeta());
    if (!meta.equals(this.#meta)) {
      this.#meta = meta;
      output.append(nowMs, this.#metaKey, meta);
      bytes += meta.length;
    }
    return bytes;
  }

  #append(number: number, chunk: Uint8Array, output: ChangelogOutput, nowMs: number): Bucket {
    let bucket = this.#buckets.get(number);
    if (bucket === undefined)
      this.#buckets.set(number, (bucket = { first: 0, next: 0, wholeBytes: 0, newBytes: 0 }));
    output.append(nowMs, this.#key(number, bucket.next++), chunk);
    return bucket;
  }

  #rewriteIfWorthwhile(number: number, output: ChangelogOutput, nowMs: number): number {
    const bucket = this.#buckets.get(number);
    if (bucket === undefined || bucket.next - bucket.first < fewChunks) return 0;
    if (bucket.newBytes < Math.max(minRewriteBytes, bucket.wholeBytes)) return 0;
    const { first, next } = bucket;
    let bytes = 0;
    // New numbers first: whoever restores halfway through compaction finds the whole bucket, perhaps twice.
    this.#state.snapshotBucket(number, (_, chunk) => {
      bytes += chunk.length;
      this.#append(number, chunk, output, nowMs);
    });
    this.#tombstones(number, { first, next }, output, nowMs);
    bucket.first = next;
    bucket.wholeBytes = bytes;
    bucket.newBytes = 0;
    return bytes;
  }

  #forget(number: number, output: ChangelogOutput, nowMs: number): void {
    const bucket = this.#buckets.get(number);
    if (bucket === undefined) return;
    this.#tombstones(number, bucket, output, nowMs);
    this.#buckets.delete(number);
  }

  #tombstones(
    number: number,
    { first, next }: { first: number; next: number },
    output: ChangelogOutput,
    nowMs: number,
  ): void {
    for (let chunk = first; chunk < next; chunk++) output.append(nowMs, this.#key(number, chunk), null);
  }

  #key(bucket: number, chunk: number): Buffer {
    return Buffer.from(`${this.#view}/${bucket}/${chunk}`);
  }

  /** Keeps all of the state, and says for which chunks of the changelog it stands; right after `flush` only. */
  save(keep: KeepPiece): SavedView<Place> {
    const chunks = new Map<number, Place[]>([...this.#buckets.keys()].map((number) => [number, []]));
    const take = (number: number, chunk: Uint8Array) => chunks.get(number)?.push(keep(chunk));
    if (this.#state.snapshotBuckets !== undefined) this.#state.snapshotBuckets(take);
    else for (const number of chunks.keys()) this.#state.snapshotBucket(number, take);
    const buckets = [...this.#buckets].map(([number, bucket]) => {
      return { number, ...bucket, chunks: chunks.get(number)! };
    });
    return { view: this.#view, buckets, meta: keep(this.#meta) };
  }

  /** Takes back what was written: what a checkpoint had, then the last value of each key; tombstones are left out. */
  restore(records: readonly StateRecord[], saved: Iterable<SavedBucket> = []): void {
    for (const { number, chunks, ...bucket } of saved) {
      this.#buckets.set(number, bucket);
      for (const bytes of chunks) this.#state.restore(bytes);
    }
    const chunks = records.filter((record) => record.bucket !== undefined) as (StateRecord & {
      bucket: number;
    })[];
    chunks.sort((a, b) => a.bucket - b.bucket || a.chunk - b.chunk);
    for (const { bucket: number, chunk, bytes } of chunks) {
      let bucket = this.#buckets.get(number);
      if (bucket === undefined)
        this.#buckets.set(number, (bucket = { first: chunk, next: chunk, wholeBytes: 0, newBytes: 0 }));
      bucket.next = chunk + 1;
      bucket.newBytes += bytes.length;
      this.#state.restore(bytes);
    }
    // Last, as the engine wants it: it says which of the windows have been closed already.
    const meta = records.find((record) => record.bucket === undefined);
    if (meta === undefined) return;
    this.#meta = meta.bytes;
    this.#state.restore(meta.bytes);
  }
}

const metaName = 'meta';

/** A task's changelog also holds this record: watermarks of views that keep nothing else. */
export const watermarksKey = 'watermarks';

/** The key of what a view keeps outside of buckets. */
export const metaKeyOf = (view: string): string => `${view}/${metaName}`;

/** One record of a changelog; without a bucket it is the view's meta. */
export interface StateRecord {
  readonly view: string;
  readonly bucket: number | undefined;
  readonly chunk: number;
  readonly bytes: Buffer;
}

/** Reads `view/bucket/chunk` or `view/meta`; undefined for other keys. */
export function parseStateKey(key: string): Omit<StateRecord, 'bytes'> | undefined {
  const [view = '', bucket = '', chunk = '', ...rest] = key.split('/');
  if (bucket === metaName && chunk === '') return { view, bucket: undefined, chunk: 0 };
  const place = { view, bucket: Number(bucket), chunk: Number(chunk) };
  if (bucket === '' || chunk === '' || rest.length > 0) return undefined;
  return Number.isFinite(place.bucket) && Number.isSafeInteger(place.chunk) ? place : undefined;
}
