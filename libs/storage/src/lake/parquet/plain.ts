const lengthBytes = 4;

/** Text with its length before it, as Parquet writes byte arrays out. */
export function plainTexts(texts: readonly string[]): Uint8Array {
  let most = 0;
  // UTF-8 takes at most three bytes for a unit of UTF-16.
  for (const text of texts) most += lengthBytes + 3 * text.length;
  const bytes = Buffer.allocUnsafe(most);
  let at = 0;
  for (const text of texts) {
    const length = bytes.write(text, at + lengthBytes);
    bytes.writeUInt32LE(length, at);
    at += lengthBytes + length;
  }
  return bytes.subarray(0, at);
}

/** Numbers as doubles. */
export function plainDoubles(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let index = 0; index < values.length; index++)
    view.setFloat64(8 * index, values[index] as number, true);
  return new Uint8Array(view.buffer);
}

/** Whole numbers in 64 bits. */
export function plainLongs(values: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let index = 0; index < values.length; index++)
    view.setBigInt64(8 * index, values[index] as bigint, true);
  return new Uint8Array(view.buffer);
}
