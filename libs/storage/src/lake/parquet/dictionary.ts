/** Values looked at before the others, to see whether a dictionary can pay. */
const sampleSize = 16_384;
const maxDistinctInSample = 0.75;

export interface Dictionary<Value> {
  readonly values: readonly Value[];
  /** Of each value its place in the dictionary. */
  readonly indexes: Int32Array;
}

/**
 * The distinct values in the order of their first appearance, or `undefined` where they and their indexes would not halve what
 * the values take written out.
 *
 * @param sizeOf bytes of a value written out
 */
export function dictionaryOf<Value>(
  values: ArrayLike<Value>,
  sizeOf: (value: Value) => number,
): Dictionary<Value> | undefined {
  const places = new Map<Value, number>();
  const distinct: Value[] = [];
  const sizes: number[] = [];
  const indexes = new Int32Array(values.length);
  let plainBytes = 0;
  let dictionaryBytes = 0;
  for (let index = 0; index < values.length; index++) {
    if (index === sampleSize && distinct.length > maxDistinctInSample * sampleSize) return undefined;
    const value = values[index] as Value;
    let place = places.get(value);
    if (place === undefined) {
      places.set(value, (place = distinct.push(value) - 1));
      dictionaryBytes += sizes[place] = sizeOf(value);
    }
    plainBytes += sizes[place] as number;
    indexes[index] = place;
  }
  const indexBytes = (values.length * Math.log2(distinct.length + 1)) / 8;
  return 2 * (dictionaryBytes + indexBytes) > plainBytes ? undefined : { values: distinct, indexes };
}
