/**
 * The hash by which Kafka's clients choose a key's partition, so that every client sends a key to the same one.
 *
 * @see https://kafka.apache.org/documentation/#producerconfigs_partitioner.class
 */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let hash = 0x9747b28c ^ length;
  let position = start;
  for (; end - position >= 4; position += 4) {
    let word =
      (bytes[position] as number) |
      ((bytes[position + 1] as number) << 8) |
      ((bytes[position + 2] as number) << 16) |
      ((bytes[position + 3] as number) << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = end - position;
  if (rest > 0) {
    if (rest > 2) hash ^= (bytes[position + 2] as number) << 16;
    if (rest > 1) hash ^= (bytes[position + 1] as number) << 8;
    hash = Math.imul(hash ^ (bytes[position] as number), MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

const MULTIPLIER = 0x5bd1e995;

/** The partition of a key among `count`. */
export function partitionOf(bytes: Uint8Array, start: number, end: number, count: number): number {
  return (murmur2(bytes, start, end) & 0x7fffffff) % count;
}
