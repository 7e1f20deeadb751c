import type { WindowingErrorCode } from '../errors.ts';

/** Where an aggregate finds its input: a field's name (then the aggregate is plain data) or a function of the row. */
export type Of<Row> = string | ((row: Row) => unknown);

/** Greatest magnitude of a number to be summed: 2^63 of them stay below the largest double. */
export const MAX_SUMMAND = 2 ** 960;

export interface Fault {
  code: WindowingErrorCode;
  message: string;
}

type Getter = (row: never) => unknown;

/** The inputs of all aggregates of a view, each read once per event and checked before any state changes. */
export class Inputs {
  /** Numeric inputs; NaN stands for null. */
  numbers = new Float64Array(0);
  /** Other inputs, as the row holds them (the row may be reused: copy what you keep). */
  readonly values: unknown[] = [];
  /** Why the last `read` returned false. */
  readonly fault: Fault = { code: 'WINDOWING_NUMBER_INVALID', message: '' };
  readonly #numbers: { of: Of<never>; get: Getter; limit: number }[] = [];
  readonly #values: { of: Of<never>; get: Getter }[] = [];

  /** The index of a numeric input in `numbers`; equal inputs share one. */
  number(of: Of<never>, maxMagnitude = MAX_SUMMAND): number {
    let at = this.#numbers.findIndex((input) => input.of === of);
    if (at < 0) at = this.#numbers.push({ of, get: getter(of), limit: maxMagnitude }) - 1;
    const input = this.#numbers[at]!;
    input.limit = Math.min(input.limit, maxMagnitude);
    this.numbers = new Float64Array(this.#numbers.length);
    return at;
  }

  /** The index of an input in `values`; equal inputs share one. */
  value(of: Of<never>): number {
    const at = this.#values.findIndex((input) => input.of === of);
    if (at >= 0) return at;
    this.values.push(undefined);
    return this.#values.push({ of, get: getter(of) }) - 1;
  }

  /** Reads and checks all inputs of a row; false (see `fault`) when one of them cannot be counted. */
  read(row: never): boolean {
    const numeric = this.#numbers;
    for (let i = 0; i < numeric.length; i++) {
      const input = numeric[i]!;
      const value = input.get(row);
      if (typeof value === 'number' && value <= input.limit && value >= -input.limit) this.numbers[i] = value;
      else if (value === null || value === undefined) this.numbers[i] = NaN;
      else if (!this.#readUnusual(i, value)) return false;
    }
    const others = this.#values;
    for (let i = 0; i < others.length; i++) this.values[i] = others[i]!.get(row);
    return true;
  }

  #readUnusual(i: number, value: unknown): boolean {
    const { of, limit } = this.#numbers[i]!;
    if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) {
      this.numbers[i] = Number(value);
      return true;
    }
    const what = typeof of === 'string' ? `Field "${of}"` : 'A numeric input';
    const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
    this.fault.code = 'WINDOWING_NUMBER_INVALID';
    this.fault.message = `${what} is ${shown}; give a finite number up to ±${limit}, or null for "no value".`;
    return false;
  }
}

function getter(of: Of<never>): Getter {
  if (typeof of === 'function') return of;
  return (row) => (row as Record<string, unknown> | null | undefined)?.[of];
}
