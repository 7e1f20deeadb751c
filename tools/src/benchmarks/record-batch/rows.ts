/** What every contender writes and reads: the same keys, values and timestamps, as ready-made buffers. */
export interface Rows {
  readonly count: number;
  readonly keys: readonly Buffer[];
  readonly values: readonly Buffer[];
  readonly timestampsMs: Float64Array;
}

/** Sums over all records of a topic, by which a contender's work is checked. */
export interface Tally {
  records: number;
  bytes: number;
  /** Of the values' bytes before the last, so that the values' ends are found too. */
  marks: number;
}

export const BATCH_RECORDS = 5_000;
export const PARTITIONS = 4;
const BASE_MS = 1_700_000_000_000;
const USERS = 10_000;

/** Values of 40 to 71 bytes under keys of 6 bytes, about as large as an Avro click. The same for the same count. */
export function makeRows(count: number): Rows {
  const keys: Buffer[] = [];
  const values: Buffer[] = [];
  const timestampsMs = new Float64Array(count);
  const users = Array.from({ length: USERS }, (_, user) =>
    Buffer.from(`u${user.toString().padStart(5, '0')}`),
  );
  const arena = Buffer.alloc(1 << 16);
  let state = 12_345;
  const next = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0);
  for (let at = 0; at < arena.length; at++) arena[at] = next() >>> 24;
  for (let index = 0; index < count; index++) {
    const random = next();
    keys.push(users[(random >>> 8) % USERS]!);
    const start = (random >>> 4) % (arena.length - 100);
    values.push(arena.subarray(start, start + 40 + (random % 32)));
    timestampsMs[index] = BASE_MS + index * 10 - (random % 1000);
  }
  return { count, keys, values, timestampsMs };
}

export function emptyTally(): Tally {
  return { records: 0, bytes: 0, marks: 0 };
}

/** What `copies` readings or writings of the rows must add up to. */
export function tallyOf(rows: Rows, copies: number): Tally {
  const tally = emptyTally();
  for (let index = 0; index < rows.count; index++) {
    const value = rows.values[index]!;
    tally.records += copies;
    tally.bytes += copies * (rows.keys[index]!.length + value.length);
    tally.marks += copies * value[value.length - 2]!;
  }
  return tally;
}
