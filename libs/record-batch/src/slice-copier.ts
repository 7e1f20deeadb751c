import { copySlice } from './copy-slice.ts';

/** Up to this a loop over bytes is as fast as anything. */
const LOOP_BYTES = 12;
/** From here on a native copy is worth the view that it needs. */
const NATIVE_BYTES = 512;

/**
 * Copies slices that mostly come out of one buffer, as keys and values do. A view of that buffer is kept, through which
 * eight bytes are copied a step; the native copies cost more than that for the sizes of most records.
 */
export class SliceCopier {
  #buffer: ArrayBufferLike | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Copies `from[start, end)` to `to` at `at`, `view` being the view of `to`, and returns where the copy ends. */
  copy(from: Uint8Array, start: number, end: number, to: Uint8Array, view: DataView, at: number): number {
    const length = end - start;
    const stop = at + length;
    if (length <= LOOP_BYTES) {
      for (let index = start; index < end; index++) to[at++] = from[index]!;
      return stop;
    }
    if (length === from.length) {
      to.set(from, at);
      return stop;
    }
    if (length >= NATIVE_BYTES) {
      to.set(from.subarray(start, end), at);
      return stop;
    }
    if (from.buffer !== this.#buffer) {
      this.#buffer = from.buffer;
      this.#view = new DataView(from.buffer);
    }
    const origin = from.byteOffset + start;
    return copySlice(this.#view, origin, origin + length, view, at);
  }

  /** Lets go of the buffer. */
  clear(): void {
    this.#buffer = undefined;
  }
}
