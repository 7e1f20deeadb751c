import { inputsOf, validateAggregates } from '@millrace/windowing';
import type { Aggregate } from '@millrace/windowing';
import type { ColumnType } from './avro-types.ts';
import { DefinitionError } from '../errors.ts';
import { isWindowed } from './pipeline-definition.ts';
import type { PipelineDefinition, ViewDefinition } from './pipeline-definition.ts';
import { viewScope } from './scope.ts';
import type { Scope } from './scope.ts';

/** One column of a view's results: of its topic, its tables and its screen alike. */
export interface ViewColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly unit?: string;
  /** Part of what a row is identified by (windowed views: together with `windowStart`). */
  readonly key?: boolean;
}

/** The columns that every windowed result carries beside its keys and aggregates. */
export const windowColumns: readonly ViewColumn[] = [
  { name: 'windowStart', type: 'timestamp', nullable: false },
  { name: 'windowEnd', type: 'timestamp', nullable: false },
];
export const stateColumns: readonly ViewColumn[] = [
  { name: 'state', type: 'string', nullable: false },
  { name: 'revision', type: 'long', nullable: false },
  // Null while there is none: a partition of the view's input has not been heard of yet.
  { name: 'watermark', type: 'timestamp', nullable: true },
];

/**
 * The columns of a view, in the order of its results topic: keys, `windowStart`, `windowEnd`, aggregates, `state`,
 * `revision`, `watermark`; for a view without window its `columns`.
 * @throws DefinitionError when the pipeline has no such view
 */
export function viewColumns(definition: PipelineDefinition, viewName: string): ViewColumn[] {
  const view = definition.views[viewName];
  if (view === undefined)
    throw new DefinitionError(definition.name, [
      `there is no view "${viewName}"; it has ${Object.keys(definition.views).join(', ')}`,
    ]);
  const scope = viewScope(definition, view);
  // A row whose key is null is set aside, so that results always have one.
  const keys = (view.by ?? []).map((name) => ({ ...column(name, scope), nullable: false, key: true }));
  if (!isWindowed(view))
    return [
      ...keys,
      ...view.columns.filter((name) => !view.by.includes(name)).map((name) => column(name, scope)),
    ];
  const aggregates = Object.entries(view.select).map(([name, aggregate]) => {
    const unit = view.units?.[name] ?? unitOf(aggregate, scope);
    return {
      name,
      ...aggregateType(aggregate, scope),
      ...(unit === undefined ? {} : { unit }),
    };
  });
  return [...keys, ...windowColumns, ...aggregates, ...stateColumns];
}

function column(name: string, scope: Scope): ViewColumn {
  const { type, nullable, unit } = scope.get(name) ?? { type: 'json', nullable: true };
  return { name, type, nullable, ...(unit === undefined ? {} : { unit }) };
}

/** What each aggregate gives; `same` is the type of its input. */
const resultTypes: Readonly<Record<string, ColumnType | 'same'>> = {
  count: 'long',
  distinct: 'long',
  rate: 'double',
  sum: 'same',
  min: 'same',
  max: 'same',
  first: 'same',
  last: 'same',
  mean: 'double',
  variance: 'double',
  stddev: 'double',
  quantile: 'double',
  integral: 'double',
  coverage: 'double',
  gaps: 'long',
  maxSpeed: 'double',
};
const neverNull = new Set(['count', 'distinct', 'sum', 'gaps']);

function aggregateType(aggregate: Aggregate, scope: Scope): { type: ColumnType; nullable: boolean } {
  const type = resultTypes[aggregate.type] ?? 'json';
  const nullable = !neverNull.has(aggregate.type);
  return {
    type: type === 'same' ? (scope.get(fieldsRead(aggregate)[0] ?? '')?.type ?? 'json') : type,
    nullable,
  };
}

const keepsUnit = new Set(['sum', 'mean', 'min', 'max', 'stddev', 'first', 'last', 'quantile', 'quantiles']);

function unitOf(aggregate: Aggregate, scope: Scope): string | undefined {
  const [named] = fieldsRead(aggregate);
  return named !== undefined && keepsUnit.has(aggregate.type) ? scope.get(named)?.unit : undefined;
}

/** The fields that an aggregate reads; none for one that cannot run. */
export function fieldsRead(aggregate: Aggregate): string[] {
  if (validateAggregates({ aggregate }).length > 0) return [];
  return inputsOf(aggregate).filter((of) => typeof of === 'string');
}

/** The column that a view's results lie in time by, if they do. */
export function timeColumnOf(view: ViewDefinition): string | undefined {
  return isWindowed(view) ? 'windowStart' : view.time;
}

/** A view's table in a store: shaped as `@millrace/storage` takes it. */
export interface ViewTable {
  readonly name: string;
  readonly columns: readonly ViewColumn[];
  readonly key: readonly string[];
  readonly time?: string;
  readonly retentionMs?: number;
}

/** The table that holds a view's results: named as the view unless it names one, keyed by its grouping columns and its time. */
export function viewTable(definition: PipelineDefinition, viewName: string): ViewTable {
  const columns = viewColumns(definition, viewName);
  const view = definition.views[viewName]!;
  const time = timeColumnOf(view);
  return {
    name: view.table ?? viewName,
    columns,
    key: view.by ?? [],
    ...(time === undefined ? {} : { time }),
    ...(view.retentionMs === undefined ? {} : { retentionMs: view.retentionMs }),
  };
}
