import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Block, Place } from './aggregate.ts';

/**
 * Sums without rounding error, one per cell: two doubles hold 106 bits, and the rare bits beyond them go to an expansion of
 * further doubles. A value is the true sum rounded once, so neither order nor grouping of the summands can change it.
 * @see Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates" (Two-Sum, Grow-Expansion)
 */
export class ExactSums {
  /** Numbers of a cell in its block. */
  static readonly width = 2;
  readonly #block: Block;
  readonly #stride: number;
  readonly #offset: number;
  #rest: Map<number, number[]> | undefined;

  constructor({ block, offset }: Place) {
    this.#block = block;
    this.#stride = block.stride;
    this.#offset = offset;
  }

  clear(slot: number): void {
    const at = slot * this.#stride + this.#offset;
    this.#block.data[at] = 0;
    this.#block.data[at + 1] = 0;
    this.#rest?.delete(slot);
  }

  add(slot: number, x: number): void {
    const { data } = this.#block;
    const at = slot * this.#stride + this.#offset;
    const high = data[at]!;
    const sum = high + x;
    const part = sum - high;
    const error = high - (sum - part) + (x - part);
    data[at] = sum;
    if (error !== 0) this.#addLow(slot, error);
  }

  merge(slot: number, from: ExactSums, fromSlot: number): void {
    this.add(slot, from.#high(fromSlot));
    const low = from.#low(fromSlot);
    if (low !== 0) this.add(slot, low);
    const rest = from.#rest?.get(fromSlot);
    if (rest) for (const part of rest) this.#addRest(slot, part);
  }

  /** The true sum, rounded once to the nearest double. */
  value(slot: number): number {
    const rest = this.#rest?.get(slot);
    if (rest === undefined) return this.#high(slot) + this.#low(slot);
    const parts = [...rest];
    growExpansion(parts, this.#low(slot));
    growExpansion(parts, this.#high(slot));
    return rounded(parts);
  }

  /** What `value` lost by its rounding (to about 53 further bits). */
  remainder(slot: number, value: number): number {
    const parts = [...(this.#rest?.get(slot) ?? [])];
    growExpansion(parts, this.#low(slot));
    growExpansion(parts, this.#high(slot));
    growExpansion(parts, -value);
    return rounded(parts);
  }

  write(slot: number, out: ByteWriter): void {
    const rest = this.#rest?.get(slot) ?? [];
    const low = this.#low(slot);
    out.number(this.#high(slot));
    out.varint(rest.length + (low === 0 && rest.length === 0 ? 0 : 1));
    if (low !== 0 || rest.length > 0) out.float64(low);
    for (const part of rest) out.float64(part);
  }

  read(slot: number, input: ByteReader): void {
    this.clear(slot);
    const at = slot * this.#stride + this.#offset;
    this.#block.data[at] = input.number();
    const parts = input.count(8);
    if (parts > 0) this.#block.data[at + 1] = input.float64();
    for (let i = 1; i < parts; i++) this.#addRest(slot, input.float64());
  }

  #high(slot: number): number {
    return this.#block.data[slot * this.#stride + this.#offset]!;
  }

  #low(slot: number): number {
    return this.#block.data[slot * this.#stride + this.#offset + 1]!;
  }

  #addLow(slot: number, x: number): void {
    const { data } = this.#block;
    const at = slot * this.#stride + this.#offset + 1;
    const low = data[at]!;
    const sum = low + x;
    const part = sum - low;
    const error = low - (sum - part) + (x - part);
    data[at] = sum;
    if (error !== 0) this.#addRest(slot, error);
  }

  #addRest(slot: number, x: number): void {
    this.#rest ??= new Map();
    const rest = this.#rest.get(slot);
    if (rest) growExpansion(rest, x);
    else this.#rest.set(slot, [x]);
  }
}

/** Adds `x` to a non-overlapping expansion (smallest part first), in place and without error. */
function growExpansion(parts: number[], x: number): void {
  let carry = x;
  let kept = 0;
  for (const part of parts) {
    const sum = carry + part;
    const seen = sum - carry;
    const error = carry - (sum - seen) + (part - seen);
    if (error !== 0) parts[kept++] = error;
    carry = sum;
  }
  parts.length = kept;
  if (carry !== 0) parts.push(carry);
}

/** The double nearest to a non-overlapping expansion's sum (ties to even over all parts). */
function rounded(parts: readonly number[]): number {
  let at = parts.length - 1;
  if (at < 0) return 0;
  let high = parts[at]!;
  let low = 0;
  while (at > 0 && low === 0) {
    const next = parts[--at]!;
    const sum = high + next;
    low = next - (sum - high);
    high = sum;
  }
  const below = at > 0 ? parts[at - 1]! : 0;
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const up = high + low * 2;
    if (low * 2 === up - high) return up;
  }
  return high;
}

/** `x * x` as a double and its rounding error, exactly (for magnitudes up to 2^480 and down to about 2^-480). */
export function square(x: number, into: Float64Array): void {
  const split = x * 134217729;
  const high = split - (split - x);
  const low = x - high;
  const product = x * x;
  into[0] = product;
  into[1] = low * low - (product - high * high - 2 * high * low);
}
