import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { PlainValue } from '../bytes/plain-value.ts';
import { compareValues, copyValue, readValue, writeValue } from '../bytes/plain-value.ts';
import { requirePositive, shown, WindowingError } from '../errors.ts';
import type { Aggregate, AggregateKind, AggregateOf } from './aggregate.ts';
import type { Inputs, Of } from './inputs.ts';
import { aggregateOf } from './aggregate.ts';
import { StateColumn } from './state-column.ts';

const DEFAULT_STEPS = 100;
/** More steps than a path or a funnel is read by. */
const MAX_STEPS = 10_000;

interface PathSpec extends Aggregate<unknown, readonly PlainValue[]> {
  readonly limit: number;
}

interface FunnelSpec extends Aggregate<unknown, Funnel> {
  readonly steps: readonly PlainValue[];
  readonly withinMs: number;
}

/** How far a session came in a funnel. */
export interface Funnel {
  /** Steps taken in order, 0 to all. */
  readonly reached: number;
  readonly converted: boolean;
  /** From the first step to the last one reached, of the run that came farthest; null when no step was taken. */
  readonly tookMs: number | null;
}

/** The values that are not null in the order of event time, repetitions in a row as one: the way through a session. At most `limit` (default 100) from the start. */
export function path<const Input extends Of<never>>(
  of: Input,
  options: { limit?: number } = {},
): AggregateOf<Input, readonly PlainValue[]> {
  const spec = { type: 'path', of, limit: options.limit ?? DEFAULT_STEPS };
  return aggregateOf(spec);
}

/** How many of the steps came in this order, other events between them or not, the last within `withinMs` of the first (default: any time). */
export function funnel<const Input extends Of<never>>(
  of: Input,
  steps: readonly PlainValue[],
  options: { withinMs?: number } = {},
): AggregateOf<Input, Funnel> {
  const spec = { type: 'funnel', of, steps, ...(options.withinMs && { withinMs: options.withinMs }) };
  return aggregateOf(spec);
}

interface Step {
  readonly timeMs: number;
  readonly value: PlainValue;
}

/** Keeps timed values; when there are more than a cell may hold, the earliest. */
abstract class StepsColumn extends StateColumn<Step[]> {
  add(slot: number, inputs: Inputs, timeMs: number): void {
    const value = inputs.values[this.input];
    if (value == null || !this.wants(value)) return;
    const steps = this.at(slot);
    steps.push({ timeMs, value: copyValue(value) });
    if (steps.length > 2 * MAX_STEPS) this.#trim(steps);
  }

  protected abstract wants(value: unknown): boolean;

  protected create(): Step[] {
    return [];
  }

  protected mergeInto(steps: Step[], other: Step[]): void {
    for (const step of other) steps.push(step);
    if (steps.length > 2 * MAX_STEPS) this.#trim(steps);
  }

  protected sorted(steps: readonly Step[]): Step[] {
    return steps
      .toSorted((a, b) => a.timeMs - b.timeMs || this.compare(a.value, b.value))
      .slice(0, MAX_STEPS);
  }

  protected compare(a: PlainValue, b: PlainValue): number {
    return compareValues(a, b);
  }

  protected writeState(steps: Step[], out: ByteWriter): void {
    this.#trim(steps);
    out.varint(steps.length);
    for (const { timeMs, value } of steps) {
      out.number(timeMs);
      writeValue(out, value);
    }
  }

  protected readState(input: ByteReader): Step[] {
    const steps: Step[] = [];
    for (let left = input.count(2); left > 0; left--) {
      const timeMs = input.number();
      steps.push({ timeMs, value: readValue(input) });
    }
    return steps;
  }

  #trim(steps: Step[]): void {
    if (steps.length > MAX_STEPS) steps.splice(0, steps.length, ...this.sorted(steps));
  }
}

class PathColumn extends StepsColumn {
  readonly #limit: number;

  constructor(limit: number, input: number) {
    super(input);
    this.#limit = limit;
  }

  protected wants(): boolean {
    return true;
  }

  protected result(steps: Step[] | undefined): readonly PlainValue[] {
    const values = this.sorted(steps ?? []).map(({ value }) => value);
    const turns = values.filter((value, i) => i === 0 || compareValues(value, values[i - 1]) !== 0);
    return turns.slice(0, this.#limit);
  }
}

class FunnelColumn extends StepsColumn {
  readonly #spec: FunnelSpec;

  constructor(spec: FunnelSpec, input: number) {
    super(input);
    this.#spec = spec;
  }

  protected wants(value: unknown): boolean {
    return this.#spec.steps.includes(value as PlainValue);
  }

  /** Of equal times the earlier step counts first, so that simultaneous steps do not break a run. */
  protected override compare(a: PlainValue, b: PlainValue): number {
    return this.#spec.steps.indexOf(a) - this.#spec.steps.indexOf(b);
  }

  protected result(steps: Step[] | undefined): Funnel {
    const { steps: wanted, withinMs = Infinity } = this.#spec;
    /** By step: the latest start of a run that has come to it. */
    const starts: (number | undefined)[] = wanted.map(() => undefined);
    let reached = 0;
    let tookMs: number | null = null;
    for (const { timeMs, value } of this.sorted(steps ?? [])) {
      // From the last step down, so that one event does not take two steps of the same name.
      for (let i = wanted.length - 1; i >= 0; i--) {
        if (wanted[i] !== value) continue;
        const start = i === 0 ? timeMs : starts[i - 1];
        if (start === undefined || timeMs - start > withinMs) continue;
        starts[i] = start;
        if (i + 1 > reached || (i + 1 === reached && timeMs - start < tookMs!)) {
          reached = i + 1;
          tookMs = timeMs - start;
        }
      }
    }
    return { reached, converted: reached === wanted.length, tookMs };
  }
}

export const pathKind: AggregateKind = {
  input: 'value',
  resultType: 'json',
  check: (spec, name) =>
    requirePositive((spec as PathSpec).limit, `path "${name}": limit`, {
      code: 'WINDOWING_AGGREGATE_INVALID',
      integer: true,
      atMost: MAX_STEPS,
    }),
  width: 0,
  column: (spec, input) => new PathColumn((spec as PathSpec).limit, input),
};

export const funnelKind: AggregateKind = {
  input: 'value',
  resultType: 'json',
  check(spec, name) {
    const { steps, withinMs } = spec as FunnelSpec;
    const code = 'WINDOWING_AGGREGATE_INVALID';
    if (
      !Array.isArray(steps) ||
      steps.length === 0 ||
      steps.some((step) => step == null || typeof step === 'object')
    ) {
      throw new WindowingError(
        code,
        `The steps of "${name}" are ${shown(steps)}; give at least one string, number or boolean.`,
      );
    }
    if (withinMs !== undefined) requirePositive(withinMs, `funnel "${name}": withinMs`, { code });
  },
  width: 0,
  column: (spec, input) => new FunnelColumn(spec as FunnelSpec, input),
};
