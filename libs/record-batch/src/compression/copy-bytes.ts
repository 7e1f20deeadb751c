/**
 * Copies for LZ77 decoders, eight bytes a step: they may write up to seven bytes too many where the decoder will write
 * next, if both buffers go on that far. Three times as fast as a loop over bytes.
 */
const STEP = 8;
/** From here on the call of a native copy is faster. */
const NATIVE_BYTES = 256;

/** A buffer together with its view. */
export interface Bytes {
  readonly array: Buffer;
  readonly view: DataView;
}

export function withView(array: Buffer): Bytes {
  return { array, view: new DataView(array.buffer, array.byteOffset, array.length) };
}

/** Copies `length` bytes of `from` at `start` to `to` at `at`. The caller has checked both ends. */
export function copyLiteral(from: Bytes, start: number, length: number, to: Bytes, at: number): void {
  if (length >= NATIVE_BYTES) from.array.copy(to.array, at, start, start + length);
  else if (start + length + STEP <= from.array.length && at + length + STEP <= to.array.length) {
    copySteps(from.view, start, length, to.view, at);
  } else copyLoop(from.array, start, length, to.array, at);
}

/**
 * Repeats `length` bytes that stand `distance` before `at`: where the two ranges overlap, what was just written is read
 * again. The caller has checked both ends.
 */
export function copyMatch(bytes: Bytes, at: number, distance: number, length: number): void {
  const { array, view } = bytes;
  const from = at - distance;
  if (length >= NATIVE_BYTES && distance >= length) array.copyWithin(at, from, from + length);
  else if (length >= NATIVE_BYTES && distance === 1) array.fill(array[from]!, at, at + length);
  else if (distance >= STEP && at + length + STEP <= array.length) copySteps(view, from, length, view, at);
  else copyLoop(array, from, length, array, at);
}

function copySteps(from: DataView, start: number, length: number, to: DataView, at: number): void {
  for (let index = 0; index < length; index += STEP) {
    to.setInt32(at + index, from.getInt32(start + index, true), true);
    to.setInt32(at + index + 4, from.getInt32(start + index + 4, true), true);
  }
}

function copyLoop(from: Buffer, start: number, length: number, to: Buffer, at: number): void {
  for (let index = 0; index < length; index++) to[at + index] = from[start + index]!;
}
