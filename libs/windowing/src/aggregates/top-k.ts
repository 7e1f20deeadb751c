import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { PlainValue } from '../bytes/plain-value.ts';
import { requirePositive } from '../errors.ts';
import { HeavyHitters } from '../sketches/heavy-hitters.ts';
import type { Aggregate, AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

/** One entry of `topK`: the true count is between `count` and `count + error`. */
export interface TopEntry {
  readonly value: PlainValue;
  readonly count: number;
  readonly error: number;
}

interface TopKSpec extends Aggregate<unknown, readonly TopEntry[]> {
  readonly k: number;
  readonly capacity: number;
}

/**
 * The `k` most frequent values that are not null, most frequent first. Exact while a window has at most 2·`capacity` distinct
 * values (default capacity: 100 or 10·k, the greater); beyond that each entry states its error, at most n / (capacity + 1).
 */
export function topK<const Input extends Of<never>>(
  of: Input,
  k: number,
  options: { capacity?: number } = {},
): AggregateOf<Input, readonly TopEntry[]> {
  const spec = {
    type: 'topK',
    of,
    k,
    capacity: options.capacity ?? Math.max(100, 10 * k),
  };
  return aggregateOf(spec);
}

class TopKColumn extends StateColumn<HeavyHitters> {
  readonly #spec: TopKSpec;

  constructor(spec: TopKSpec, input: number) {
    super(input);
    this.#spec = spec;
  }

  add(slot: number, inputs: Inputs): void {
    const value = inputs.values[this.input];
    if (value == null) return;
    this.at(slot).add(typeof value === 'object' ? JSON.stringify(value) : value);
  }

  protected create(): HeavyHitters {
    return new HeavyHitters(this.#spec.capacity);
  }

  protected mergeInto(state: HeavyHitters, other: HeavyHitters): void {
    state.merge(other);
  }

  protected result(state: HeavyHitters | undefined): readonly TopEntry[] {
    if (state === undefined) return [];
    const { error } = state;
    return state.top(this.#spec.k).map(([value, count]) => ({ value: value as PlainValue, count, error }));
  }

  protected writeState(state: HeavyHitters, out: ByteWriter): void {
    state.write(out);
  }

  protected readState(input: ByteReader): HeavyHitters {
    const state = this.create();
    state.read(input);
    return state;
  }
}

/** More entries than anyone reads, fewer than would make one window's state large. */
const MAX_K = 10_000;

export const topKKind: AggregateKind = {
  input: 'value',
  resultType: 'json',
  check(spec, name) {
    const { k, capacity } = spec as TopKSpec;
    const code = 'WINDOWING_AGGREGATE_INVALID';
    requirePositive(k, `topK "${name}": k`, { code, integer: true, atMost: MAX_K });
    requirePositive(capacity, `topK "${name}": capacity`, { code, integer: true, atMost: 100 * MAX_K });
  },
  width: 0,
  column: (spec, input) => new TopKColumn(spec as TopKSpec, input),
};
