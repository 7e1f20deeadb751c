const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;

/** The places of 32-bit numbers in ascending order of these; equal ones stay in the order they had. */
export function sortById(ids: Uint32Array): Uint32Array {
  const { length } = ids;
  let from = new Uint32Array(length);
  for (let i = 0; i < length; i++) from[i] = i;
  let to = new Uint32Array(length);
  const starts = new Uint32Array(DIGITS + 1);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    starts.fill(0);
    for (let i = 0; i < length; i++) starts[((ids[i]! >>> shift) & (DIGITS - 1)) + 1]!++;
    for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!;
    for (let i = 0; i < length; i++) {
      const place = from[i]!;
      to[starts[(ids[place]! >>> shift) & (DIGITS - 1)]!++] = place;
    }
    [from, to] = [to, from];
  }
  return from;
}
