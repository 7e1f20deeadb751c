import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { compareValues, readValue, writeValue } from '../bytes/plain-value.ts';

/**
 * The most frequent values within a bounded number of counters: exact while there are at most 2·`capacity` distinct values,
 * after that each count is too low by at most `error` ≤ n / (capacity + 1).
 * @see Misra, Gries 1982, "Finding repeated elements"; Agarwal et al. 2013, "Mergeable Summaries", section 2
 */
export class HeavyHitters {
  readonly counts = new Map<unknown, number>();
  readonly #capacity: number;
  /** What any count may lack, and how often a value that is not listed may have come. */
  error = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(value: unknown, count = 1): void {
    this.counts.set(value, (this.counts.get(value) ?? 0) + count);
    if (this.counts.size > 2 * this.#capacity) this.#prune();
  }

  merge(other: HeavyHitters): void {
    this.error += other.error;
    for (const [value, count] of other.counts) {
      this.counts.set(value, (this.counts.get(value) ?? 0) + count);
    }
    if (this.counts.size > 2 * this.#capacity) this.#prune();
  }

  /** The `k` values of the highest counts, equal counts in the order of the values. */
  top(k: number): [value: unknown, count: number][] {
    return [...this.counts].sort((a, b) => b[1] - a[1] || compareValues(a[0], b[0])).slice(0, k);
  }

  write(out: ByteWriter): void {
    out.varint(this.error);
    out.varint(this.counts.size);
    for (const [value, count] of this.counts) {
      writeValue(out, value);
      out.varint(count);
    }
  }

  read(input: ByteReader): void {
    this.error = input.varint();
    for (let left = input.count(2); left > 0; left--) {
      const value = readValue(input);
      this.counts.set(value, input.varint());
    }
  }

  /** Takes the (capacity + 1)-th highest count off all counts: at most `capacity` of them stay above zero. */
  #prune(): void {
    const descending = Float64Array.from(this.counts.values()).sort().reverse();
    const off = descending[this.#capacity]!;
    this.error += off;
    for (const [value, count] of this.counts) {
      if (count > off) this.counts.set(value, count - off);
      else this.counts.delete(value);
    }
  }
}
