import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';

/** So many values are kept as they are; up to here quantiles are exact. */
const EXACT_LIMIT = 64;
/** Buckets of one sign: at 1% error they span a ratio of 10^17 between the largest and the smallest magnitude; smaller ones share the last. */
const MAX_BUCKETS = 2048;
/** Magnitudes below count as zero. */
const MIN_MAGNITUDE = 1e-300;

/**
 * Quantiles with a relative error of at most `accuracy`: buckets whose bounds grow by a constant ratio.
 * Its state depends on the set of values alone, not on their order or grouping.
 * @see Masson, Rim, Lee 2019, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees"
 */
export class QuantileSketch {
  readonly #gamma: number;
  readonly #scale: number;
  #exact: number[] | undefined = [];
  #zeros = 0;
  readonly #positive = new Buckets();
  #negative: Buckets | undefined;
  count = 0;

  constructor(accuracy: number) {
    this.#gamma = (1 + accuracy) / (1 - accuracy);
    this.#scale = 1 / Math.log(this.#gamma);
  }

  add(value: number, count = 1): void {
    this.count += count;
    if (this.#exact !== undefined) {
      if (this.count <= EXACT_LIMIT) {
        for (let i = 0; i < count; i++) this.#exact.push(value);
        return;
      }
      this.#leaveExact();
    }
    this.#addToBuckets(value, count);
  }

  merge(other: QuantileSketch): void {
    if (this.#exact !== undefined && this.count + other.count > EXACT_LIMIT) this.#leaveExact();
    if (other.#exact !== undefined) {
      for (const value of other.#exact) this.add(value);
      return;
    }
    this.count += other.count;
    this.#zeros += other.#zeros;
    this.#positive.merge(other.#positive);
    if (other.#negative !== undefined) this.#negatives().merge(other.#negative);
  }

  /** The least value that at least the share `q` of all values does not exceed (nearest rank), within the accuracy; null when empty. */
  quantile(q: number): number | null {
    if (this.count === 0) return null;
    let rank = Math.max(0, Math.ceil(q * this.count) - 1);
    if (this.#exact !== undefined) return Float64Array.from(this.#exact).sort()[rank]! + 0;
    const negatives = this.#negative?.total ?? 0;
    if (rank < negatives) return -this.#middle(this.#negatives().indexAt(negatives - 1 - rank));
    rank -= negatives;
    if (rank < this.#zeros) return 0;
    return this.#middle(this.#positive.indexAt(rank - this.#zeros));
  }

  /** Visits the values, each with how often it came; past the exact limit the middles of buckets. */
  forEach(visit: (value: number, count: number) => void): void {
    for (const value of this.#exact ?? []) visit(value, 1);
    if (this.#zeros > 0) visit(0, this.#zeros);
    this.#positive.forEach((index, count) => visit(this.#middle(index), count));
    this.#negative?.forEach((index, count) => visit(-this.#middle(index), count));
  }

  write(out: ByteWriter): void {
    out.varint(this.count);
    out.byte(this.#exact === undefined ? 1 : 0);
    if (this.#exact !== undefined) {
      for (const value of this.#exact) out.number(value);
      return;
    }
    out.varint(this.#zeros);
    this.#positive.write(out);
    this.#negatives().write(out);
  }

  read(input: ByteReader): void {
    this.count = input.varint();
    if (input.byte() === 0) {
      const values: number[] = [];
      for (let i = Math.min(this.count, EXACT_LIMIT); i > 0; i--) values.push(input.number());
      this.#exact = values;
      return;
    }
    this.#exact = undefined;
    this.#zeros = input.varint();
    this.#positive.read(input);
    this.#negatives().read(input);
  }

  #leaveExact(): void {
    const values = this.#exact ?? [];
    this.#exact = undefined;
    for (const value of values) this.#addToBuckets(value, 1);
  }

  #addToBuckets(value: number, count: number): void {
    if (value > MIN_MAGNITUDE) this.#positive.add(Math.ceil(Math.log(value) * this.#scale), count);
    else if (value < -MIN_MAGNITUDE) this.#negatives().add(Math.ceil(Math.log(-value) * this.#scale), count);
    else this.#zeros += count;
  }

  #negatives(): Buckets {
    return (this.#negative ??= new Buckets());
  }

  /** The point of bucket (γ^(i−1), γ^i] with the same relative distance to both ends. */
  #middle(index: number): number {
    return (2 * this.#gamma ** index) / (this.#gamma + 1);
  }
}

/** Counts of consecutive bucket indexes; indexes further than MAX_BUCKETS below the highest share the lowest bucket. */
class Buckets {
  /** 32-bit counts, until the total no longer fits them. */
  #counts: Uint32Array | Float64Array = new Uint32Array(0);
  #first = 0;
  #highest = -Infinity;
  total = 0;

  add(index: number, count: number): void {
    this.total += count;
    if (this.total > 0xffff_ffff && this.#counts instanceof Uint32Array) {
      this.#counts = Float64Array.from(this.#counts);
    }
    const at = index - this.#first;
    if (at >= 0 && at < this.#counts.length && index <= this.#highest) this.#counts[at]! += count;
    else this.#place(index, count);
  }

  merge(other: Buckets): void {
    other.forEach((index, count) => this.add(index, count));
  }

  forEach(visit: (index: number, count: number) => void): void {
    for (let i = 0; i < this.#counts.length; i++) {
      if (this.#counts[i]! > 0) visit(this.#first + i, this.#counts[i]!);
    }
  }

  /** The index of the bucket that holds the value of this rank, ranks counted from the smallest magnitude. */
  indexAt(rank: number): number {
    let seen = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i]!;
      if (seen > rank) return this.#first + i;
    }
    return this.#highest;
  }

  write(out: ByteWriter): void {
    let used = 0;
    for (const count of this.#counts) if (count > 0) used++;
    out.varint(used);
    let previous = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      if (this.#counts[i]! === 0) continue;
      out.number(this.#first + i - previous);
      out.varint(this.#counts[i]!);
      previous = this.#first + i;
    }
  }

  read(input: ByteReader): void {
    let index = 0;
    for (let used = input.count(2); used > 0; used--) {
      index += input.number();
      this.add(index, input.varint());
    }
  }

  /** Counts an index outside the present range, or one that moves the range. */
  #place(index: number, count: number): void {
    if (index > this.#highest) this.#highest = index;
    const lowest = this.#highest - MAX_BUCKETS + 1;
    const wanted = Math.max(index, lowest);
    const { length } = this.#counts;
    const end = this.#first + length;
    // Room to spare on the side that grows, so that a range is reached in a few steps.
    const spare = Math.max(16, length >> 1);
    if (length === 0) this.#resize(Math.max(lowest, wanted - 16), wanted + 16);
    else if (wanted < this.#first) this.#resize(Math.max(lowest, wanted - spare), end);
    else if (wanted >= end) this.#resize(Math.max(lowest, this.#first), wanted + spare);
    else if (lowest > this.#first) this.#resize(lowest, end);
    this.#counts[wanted - this.#first]! += count;
  }

  /** Covers `[first, end)`; counts below `first` go to its bucket. */
  #resize(first: number, end: number): void {
    const from = this.#counts;
    const shift = this.#first - first;
    this.#first = first;
    this.#counts = from instanceof Uint32Array ? new Uint32Array(end - first) : new Float64Array(end - first);
    if (from.length === 0) return;
    if (shift >= 0) {
      this.#counts.set(from, shift);
      return;
    }
    for (let i = 0; i < from.length; i++) this.#counts[Math.max(0, i + shift)]! += from[i]!;
  }
}
