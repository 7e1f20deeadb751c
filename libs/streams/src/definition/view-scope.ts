import { inputsOf, resultType, validateAggregates } from '@millrace/windowing';
import type { Aggregate } from '@millrace/windowing';
import { elementFields } from './avro-types.ts';
import type { AvroField } from './avro-types.ts';
import { isWindowed, sidesOf } from './pipeline-definition.ts';
import type {
  JoinDefinition,
  PipelineDefinition,
  ViewDefinition,
  WindowedView,
} from './pipeline-definition.ts';
import { expressionType, scoped, sourceScope } from './scope.ts';
import type { Scope, ScopedField } from './scope.ts';

/** The fields of a source, and of what own code returned, with their Avro types. */
export function inputFields(definition: PipelineDefinition, from: string): readonly AvroField[] {
  const process = definition.processes?.[from];
  if (process !== undefined) {
    const { by } = process;
    const given = inputFields(definition, process.from);
    return [...given.filter(({ name }) => by?.includes(name) ?? true), ...process.returns.fields];
  }
  return definition.sources[from]?.schema?.fields ?? [];
}

/**
 * What a view reads, before its own steps: the fields of a source, joined rows, what own code returned beside what it was given, or
 * the columns of another view's results.
 */
export function inputScope(definition: PipelineDefinition, from: string): Scope {
  const source = definition.sources[from];
  if (source !== undefined) return sourceScope(source);
  const join = definition.joins?.[from];
  if (join !== undefined) return joinScope(definition, join);
  const process = definition.processes?.[from];
  if (process !== undefined) {
    const given = inputScope(definition, process.from);
    const scope = process.by === undefined ? given : keysOf(process.by, given);
    for (const field of process.returns.fields) scope.set(field.name, scoped(field));
    return scope;
  }
  const view = definition.views[from];
  return view !== undefined && isWindowed(view) ? resultScope(definition, view) : new Map();
}

/** What a joined row has: the `on` fields, its time, and both sides' rows. */
function joinScope(definition: PipelineDefinition, join: JoinDefinition): Scope {
  const [first, second] = sidesOf(join);
  const sides = [first, second].map((name) => inputScope(definition, name));
  const scope: Scope = new Map();
  for (const name of join.on) {
    const field = sides[0]!.get(name) ?? unknownType;
    // A row whose key is null comes out alone, where rows come out alone.
    const mayBeNull = sides.some((side) => side.get(name)?.nullable !== false);
    scope.set(name, { ...field, nullable: mayBeNull && join.type !== 'inner' });
  }
  scope.set('eventTime', { type: 'timestamp', nullable: false });
  scope.set(first, { type: 'json', nullable: join.type === 'outer', fields: sides[0]! });
  scope.set(second, { type: 'json', nullable: join.type !== 'inner', fields: sides[1]! });
  return scope;
}

/** What a view's `by`, `select`, `columns` and `where` see: fields of its input, flattened ones, derived ones. */
export function viewScope(definition: PipelineDefinition, view: ViewDefinition): Scope {
  const scope = inputScope(definition, view.from);
  const flattened = inputFields(definition, view.from).find(({ name }) => name === view.flatten);
  for (const avro of (flattened && elementFields(flattened.type)) ?? []) scope.set(avro.name, scoped(avro));
  derive(scope, view.derive);
  return scope;
}

/** What `compute` and `having` see, and who reads from the view: keys, window, aggregates, computed columns, in this order. */
export function resultScope(definition: PipelineDefinition, view: WindowedView): Scope {
  const input = viewScope(definition, view);
  const scope = keysOf(view.by ?? [], input);
  scope.set('windowStart', { type: 'timestamp', nullable: false });
  scope.set('windowEnd', { type: 'timestamp', nullable: false });
  for (const [name, aggregate] of Object.entries(view.select)) {
    const unit = view.units?.[name] ?? unitOf(aggregate, input);
    scope.set(name, { ...aggregateType(aggregate, input), ...(unit === undefined ? {} : { unit }) });
  }
  derive(scope, view.compute);
  for (const name of Object.keys(view.compute ?? {})) {
    const unit = view.units?.[name];
    const { type, nullable } = scope.get(name)!;
    scope.set(name, { type, nullable, ...(unit === undefined ? {} : { unit }) });
  }
  return scope;
}

/** Grouping columns: a row in which one is null is set aside, so that what comes out always has them. */
function keysOf(by: readonly string[], input: Scope): Scope {
  return new Map(
    by.map((name) => {
      const { fields: _, ...field } = input.get(name) ?? unknownType;
      return [name, { ...field, nullable: false }];
    }),
  );
}

const unknownType: ScopedField = { type: 'json', nullable: true };

function derive(scope: Scope, expressions: ViewDefinition['derive']): void {
  for (const [name, expression] of Object.entries(expressions ?? {}))
    scope.set(name, expressionType(expression, scope));
}

const neverNull = new Set(['count', 'distinct', 'sum', 'gaps']);

function aggregateType(aggregate: Aggregate, scope: Scope): ScopedField {
  const type = canRun(aggregate) ? resultType(aggregate) : 'json';
  const nullable = !neverNull.has(aggregate?.type);
  return {
    type: type === 'same' ? (scope.get(fieldsRead(aggregate)[0] ?? '')?.type ?? 'json') : type,
    nullable,
  };
}

const keepsUnit = new Set(['sum', 'mean', 'min', 'max', 'stddev', 'first', 'last', 'quantile']);

function unitOf(aggregate: Aggregate, scope: Scope): string | undefined {
  const [named] = fieldsRead(aggregate);
  return named !== undefined && keepsUnit.has(aggregate.type) ? scope.get(named)?.unit : undefined;
}

/** The fields that an aggregate reads; none for one that cannot run. */
export function fieldsRead(aggregate: Aggregate): string[] {
  if (!canRun(aggregate)) return [];
  return inputsOf(aggregate).filter((of) => typeof of === 'string');
}

/** What cannot is refused elsewhere. */
const canRun = (aggregate: Aggregate): boolean => validateAggregates({ aggregate }).length === 0;
