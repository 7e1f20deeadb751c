import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { PlainValue } from '../bytes/plain-value.ts';
import { compareValues, copyValue, readValue, writeValue } from '../bytes/plain-value.ts';
import { requirePositive } from '../errors.ts';
import type { Aggregate, AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

const DEFAULT_LIMIT = 1000;
/** Beyond this one window's list costs more than it can be read for. */
const MAX_LIMIT = 1_000_000;

interface CollectSpec extends Aggregate<unknown, readonly PlainValue[]> {
  readonly limit: number;
}

/**
 * The values that are not null, by event time, then by value; when there are more than `limit` (default 1000) the earliest stay.
 * Values are kept as JSON.
 */
export function collect<const Input extends Of<never>>(
  of: Input,
  options: { limit?: number } = {},
): AggregateOf<Input, readonly PlainValue[]> {
  const spec = { type: 'collect', of, limit: options.limit ?? DEFAULT_LIMIT };
  return aggregateOf(spec);
}

interface Entry {
  readonly timeMs: number;
  readonly value: PlainValue;
}

const byTimeAndValue = (a: Entry, b: Entry): number => a.timeMs - b.timeMs || compareValues(a.value, b.value);

/** Entries in order once `settle` has run; up to twice the limit before. */
interface List {
  entries: Entry[];
  sorted: boolean;
}

class CollectColumn extends StateColumn<List> {
  readonly #limit: number;

  constructor(limit: number, input: number) {
    super(input);
    this.#limit = limit;
  }

  add(slot: number, inputs: Inputs, timeMs: number): void {
    const value = inputs.values[this.input];
    if (value == null) return;
    this.#append(this.at(slot), { timeMs, value: copyValue(value) });
  }

  protected create(): List {
    return { entries: [], sorted: true };
  }

  protected mergeInto(list: List, other: List): void {
    for (const entry of other.entries) this.#append(list, entry);
  }

  protected result(list: List | undefined): readonly PlainValue[] {
    return list === undefined ? [] : this.#settle(list).map(({ value }) => value);
  }

  protected writeState(list: List, out: ByteWriter): void {
    const entries = this.#settle(list);
    out.varint(entries.length);
    let before = 0;
    for (const { timeMs, value } of entries) {
      out.number(timeMs - before);
      writeValue(out, value);
      before = timeMs;
    }
  }

  protected readState(input: ByteReader): List {
    const list = this.create();
    let timeMs = 0;
    for (let left = input.count(2); left > 0; left--) {
      timeMs += input.number();
      list.entries.push({ timeMs, value: readValue(input) });
    }
    return list;
  }

  #append(list: List, entry: Entry): void {
    const last = list.entries.at(-1);
    if (last !== undefined && byTimeAndValue(last, entry) > 0) list.sorted = false;
    list.entries.push(entry);
    if (list.entries.length >= 2 * this.#limit) this.#settle(list);
  }

  #settle(list: List): readonly Entry[] {
    if (!list.sorted) list.entries.sort(byTimeAndValue);
    list.sorted = true;
    if (list.entries.length > this.#limit) list.entries.length = this.#limit;
    return list.entries;
  }
}

export const collectKind: AggregateKind = {
  input: 'value',
  resultType: 'json',
  check: (spec, name) =>
    requirePositive((spec as CollectSpec).limit, `collect "${name}": limit`, {
      code: 'WINDOWING_AGGREGATE_INVALID',
      integer: true,
      atMost: MAX_LIMIT,
    }),
  width: 0,
  column: (spec, input) => new CollectColumn((spec as CollectSpec).limit, input),
};
