import type { ByteReader } from '../bytes/byte-reader.ts';
import { damaged } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { hashed, hashValue } from './hash.ts';

const BITS = 14;
const REGISTERS = 2 ** BITS;
/** Bits of the hash that give a register's rank: 18 of the first word, 32 of the second. */
const RANK_BITS = 64 - BITS;

/** The standard error of an estimate, 1.04 / √registers. */
export const HYPER_LOG_LOG_ERROR = 1.04 / Math.sqrt(REGISTERS);

/**
 * Counts distinct values in 16 KiB with a standard error of 0.81%; merging takes the greater of each register.
 * @see Flajolet et al. 2007, "HyperLogLog"; estimator: Ertl 2017, "New cardinality estimation algorithms for HyperLogLog sketches", section 4
 */
export class HyperLogLog {
  readonly #registers = new Uint8Array(REGISTERS);

  add(value: unknown): void {
    hashValue(value);
    const register = hashed.high >>> (32 - BITS);
    const first = (hashed.high << BITS) >>> 0;
    const rank =
      first !== 0 ? Math.clz32(first) + 1 : Math.min(32 - BITS + Math.clz32(hashed.low) + 1, RANK_BITS + 1);
    if (rank > this.#registers[register]!) this.#registers[register] = rank;
  }

  merge(other: HyperLogLog): void {
    for (let i = 0; i < REGISTERS; i++) {
      if (other.#registers[i]! > this.#registers[i]!) this.#registers[i] = other.#registers[i]!;
    }
  }

  estimate(): number {
    const histogram = new Float64Array(RANK_BITS + 2);
    for (const rank of this.#registers) histogram[rank]!++;
    let z = REGISTERS * tau(1 - histogram[RANK_BITS + 1]! / REGISTERS);
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + histogram[rank]!);
    z += REGISTERS * sigma(histogram[0]! / REGISTERS);
    return Math.round(REGISTERS ** 2 / (2 * Math.LN2 * z));
  }

  write(out: ByteWriter): void {
    out.raw(this.#registers);
  }

  read(input: ByteReader): void {
    this.#registers.set(input.raw(REGISTERS));
    for (const rank of this.#registers) {
      if (rank > RANK_BITS + 1) throw damaged(`a register of ${rank}`, input.position);
    }
  }
}

function sigma(start: number): number {
  if (start === 1) return Infinity;
  let x = start;
  let y = 1;
  let z = x;
  for (let before = NaN; z !== before;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(start: number): number {
  if (start === 0 || start === 1) return 0;
  let x = start;
  let y = 1;
  let z = 1 - x;
  for (let before = NaN; z !== before;) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
