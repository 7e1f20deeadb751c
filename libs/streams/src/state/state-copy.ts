import { metaKeyOf, parseStateKey, watermarksKey } from './state-log.ts';
import type { Checkpoint, SavedBucket } from './checkpoint.ts';

/**
 * The state of a task as its changelog tells it, record by record, up to `nextOffset`; perhaps from a checkpoint on. Values are kept
 * as they are given.
 */
export class StateCopy {
  /** The changelog's records before this one are in it; undefined: none has been read. */
  nextOffset: number | undefined;
  /** The last value of each key that is still there. */
  readonly values = new Map<string, Buffer>();
  readonly #saved = new Map<string, Map<number, SavedBucket>>();

  /** Lets go of what the checkpoint is read from; its buckets cannot be read any more then. */
  readonly close: () => void;

  /** @param checkpoint what stands for the changelog before its offset */
  constructor(checkpoint?: Checkpoint, close: () => void = () => undefined) {
    this.close = close;
    if (checkpoint === undefined) return;
    this.nextOffset = checkpoint.offset;
    const { views, watermarks } = checkpoint.state;
    if (watermarks !== '') this.values.set(watermarksKey, Buffer.from(watermarks));
    for (const { view, meta, buckets } of views) {
      if (meta.length > 0) this.values.set(metaKeyOf(view), Buffer.from(meta));
      this.#saved.set(view, new Map(buckets.map((bucket) => [bucket.number, bucket])));
    }
  }

  get isEmpty(): boolean {
    return this.values.size === 0 && [...this.#saved.values()].every(({ size }) => size === 0);
  }

  /** The buckets that the changelog has said nothing else about, of those that a checkpoint had. */
  savedBuckets(view: string): Iterable<SavedBucket> {
    return this.#saved.get(view)?.values() ?? [];
  }

  get savedViews(): Iterable<string> {
    return this.#saved.keys();
  }

  /** Takes the next record; null is a tombstone. */
  apply(key: string, value: Buffer | null): void {
    if (this.#saved.size > 0) this.#dropSaved(key);
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
  }

  /**
   * Chunks are never written twice: a record about one that the checkpoint stands for says that the bucket has been written anew, or
   * is gone (and perhaps there again). Either way what is left of it lies in the changelog.
   */
  #dropSaved(key: string): void {
    const place = parseStateKey(key);
    if (place?.bucket === undefined) return;
    const buckets = this.#saved.get(place.view);
    const bucket = buckets?.get(place.bucket);
    if (bucket !== undefined && place.chunk < bucket.next) buckets!.delete(place.bucket);
  }
}
