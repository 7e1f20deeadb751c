import { WindowingError, shown } from '../errors.ts';
import type { Aggregate, AggregateKind, Aggregates, Block, Column, ResultType } from './aggregate.ts';
import type { Of } from './inputs.ts';
import { presentCountKind } from './count.ts';
import { Inputs } from './inputs.ts';
import { kinds } from './kinds.ts';

/** Columns that every result has besides the aggregates. */
const RESERVED = ['key', 'windowStart', 'windowEnd', 'index', 'state', 'revision', 'watermark', '__proto__'];

/** Aggregates made runnable: their names, their inputs, and a maker of columns. */
export interface CompiledAggregates {
  readonly names: readonly string[];
  readonly inputs: Inputs;
  /** Names and definitions as text: state bytes are only read by the definition that wrote them. */
  readonly signature: string;
  /** How many numbers a cell has in its block. */
  readonly stride: number;
  /** Whether some of a cell's state is in objects. */
  readonly keepsObjects: boolean;
  columns(block: Block): Column[];
}

/**
 * Makes named aggregates runnable.
 * @throws WindowingError WINDOWING_AGGREGATE_INVALID, naming the aggregate, the value and the remedy
 */
export function compileAggregates<Row>(aggregates: Aggregates<Row>): CompiledAggregates {
  const names = Object.keys(aggregates);
  const inputs = new Inputs();
  const parts = names.map((name) => {
    const spec: Aggregate = aggregates[name]!;
    const kind = kindOf(spec, name);
    kind.check?.(spec, name);
    const [input = -1, second = -1] = inputsOf(spec, name).map((of, i) => {
      if (kind.input === 'value') return inputs.value(of);
      return inputs.number(of, i === 0 ? kind.maxMagnitude : kind.second!.maxMagnitude);
    });
    return { spec, kind, input, second };
  });
  const offsets = parts.map((_, i) => parts.slice(0, i).reduce((sum, { kind }) => sum + kind.width, 0));
  return {
    names,
    inputs,
    stride: parts.reduce((sum, { kind }) => sum + kind.width, 0),
    keepsObjects: parts.some(({ kind }) => kind.width === 0),
    signature: JSON.stringify(names.map((name) => [name, aggregates[name]])),
    columns: (block) =>
      parts.map(({ spec, kind, input, second }, i) =>
        kind.column(spec, input, { block, offset: offsets[i]! }, second),
      ),
  };
}

/**
 * What an aggregate reads: fields or functions of the row, none for a plain count.
 * @throws WindowingError WINDOWING_AGGREGATE_INVALID when one of them is neither
 */
export function inputsOf(aggregate: Aggregate, name = 'aggregate'): Of<never>[] {
  const { input, second } = kindOf(aggregate, name);
  if (input === 'none') return [];
  const named = aggregate as unknown as Readonly<Record<string, unknown>>;
  return ['of', ...(second === undefined ? [] : [second.name])].map((property) => {
    const of = named[property];
    if (typeof of === 'function' || (typeof of === 'string' && of !== '')) return of as Of<never>;
    const what = property === 'of' ? `The input of "${name}"` : `The ${property} of "${name}"`;
    throw invalid(`${what} is ${shown(of)}; give a field's name or a function of the row.`);
  });
}

/** The type of an aggregate's results, for tables and schemas that are made from a definition. */
export function resultType(aggregate: Aggregate): ResultType {
  return kindOf(aggregate, 'aggregate').resultType;
}

/** Whether an aggregate counts finite numbers and null alone, so that events with anything else are rejected. */
export function takesNumbers(aggregate: Aggregate): boolean {
  return kindOf(aggregate, 'aggregate').input === 'number';
}

/** What is wrong with named aggregates that may come from a file: one sentence each, none when they can work. */
export function validateAggregates(aggregates: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(aggregates).flatMap(([name, spec]) => {
    try {
      compileAggregates({ [name]: spec as Aggregate });
      return [];
    } catch (error) {
      if (error instanceof WindowingError) return [error.message];
      throw error;
    }
  });
}

function kindOf(spec: Aggregate, name: string): AggregateKind {
  if (RESERVED.includes(name)) {
    throw invalid(`An aggregate is called "${name}", which every result has already; give it another name.`);
  }
  const type: unknown = (spec as Aggregate | undefined)?.type;
  const kind = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (kind === undefined) {
    throw invalid(
      `The aggregate "${name}" is ${shown(spec)}; make it with one of ${Object.keys(kinds).join('(), ')}().`,
    );
  }
  return type === 'count' && spec.of !== undefined ? presentCountKind : kind;
}

function invalid(message: string): WindowingError {
  return new WindowingError('WINDOWING_AGGREGATE_INVALID', message);
}
