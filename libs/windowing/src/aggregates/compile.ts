import { WindowingError, shown } from '../errors.ts';
import type { Aggregate, AggregateKind, Aggregates, Block, Column, ResultType } from './aggregate.ts';
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
    return { spec, kind, input: inputOf(spec, kind, { name, inputs }) };
  });
  const offsets = parts.map((_, i) => parts.slice(0, i).reduce((sum, { kind }) => sum + kind.width, 0));
  return {
    names,
    inputs,
    stride: parts.reduce((sum, { kind }) => sum + kind.width, 0),
    signature: JSON.stringify(names.map((name) => [name, aggregates[name]])),
    columns: (block) =>
      parts.map(({ spec, kind, input }, i) => kind.column(spec, input, { block, offset: offsets[i]! })),
  };
}

/** The type of an aggregate's results, for tables and schemas that are made from a definition. */
export function resultType(aggregate: Aggregate): ResultType {
  return kindOf(aggregate, 'aggregate').resultType;
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

function inputOf(spec: Aggregate, kind: AggregateKind, to: { name: string; inputs: Inputs }): number {
  if (kind.input === 'none') return -1;
  const { of } = spec;
  if (typeof of !== 'function' && (typeof of !== 'string' || of === '')) {
    throw invalid(`The input of "${to.name}" is ${shown(of)}; give a field's name or a function of the row.`);
  }
  return kind.input === 'number' ? to.inputs.number(of, kind.maxMagnitude) : to.inputs.value(of);
}

function invalid(message: string): WindowingError {
  return new WindowingError('WINDOWING_AGGREGATE_INVALID', message);
}
