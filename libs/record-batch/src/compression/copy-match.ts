/** Below this a loop is faster than the call of `copyWithin`. */
const LOOP_BYTES = 32;

/**
 * Repeats `length` bytes that stand `distance` before `at`, as LZ77 decoders do: where the two ranges overlap, what was
 * just written is read again. The caller has checked both ends.
 */
export function copyMatch(bytes: Buffer, at: number, distance: number, length: number): void {
  const from = at - distance;
  if (length > LOOP_BYTES && distance >= length) bytes.copyWithin(at, from, from + length);
  else if (length > LOOP_BYTES && distance === 1) bytes.fill(bytes[from]!, at, at + length);
  else for (let index = 0; index < length; index++) bytes[at + index] = bytes[from + index]!;
}

/** Copies `from[start, start + length)` to `to[at, …)`. The caller has checked both ends. */
export function copyLiteral(from: Buffer, start: number, length: number, to: Buffer, at: number): void {
  if (length > LOOP_BYTES) from.copy(to, at, start, start + length);
  else for (let index = 0; index < length; index++) to[at + index] = from[start + index]!;
}
