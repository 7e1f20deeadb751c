import type { ColumnType } from './avro-types.ts';
import { DefinitionError } from '../errors.ts';
import { isWindowed } from './pipeline-definition.ts';
import { sourceScope } from './scope.ts';
import { resultScope, viewScope } from './view-scope.ts';
import type { PipelineDefinition, SourceDefinition, ViewDefinition } from './pipeline-definition.ts';
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

/** The columns that a windowed result carries last. */
export const stateColumns: readonly ViewColumn[] = [
  { name: 'state', type: 'string', nullable: false },
  { name: 'revision', type: 'long', nullable: false },
  // Null while there is none: a partition of the view's input has not been heard of yet.
  { name: 'watermark', type: 'timestamp', nullable: true },
];

/**
 * The columns of a view, in the order of its results topic: keys, `windowStart`, `windowEnd`, aggregates, computed columns,
 * `state`, `revision`, `watermark`; for a view without window its `columns`.
 * @throws DefinitionError when the pipeline has no such view
 */
export function viewColumns(definition: PipelineDefinition, viewName: string): ViewColumn[] {
  const view = definition.views[viewName];
  if (view === undefined)
    throw new DefinitionError(definition.name, [
      `there is no view "${viewName}"; it has ${Object.keys(definition.views).join(', ')}`,
    ]);
  if (isWindowed(view))
    return [
      ...[...resultScope(definition, view)].map(([name, field]) => ({
        name,
        ...field,
        ...(view.by?.includes(name) === true ? { key: true } : {}),
      })),
      ...stateColumns,
    ];
  const scope = viewScope(definition, view);
  return [
    ...view.by.map((name) => ({ ...column(name, scope), nullable: false, key: true })),
    ...view.columns.filter((name) => !view.by.includes(name)).map((name) => column(name, scope)),
  ];
}

/** The fields of a source's events as columns. */
export function sourceColumns(source: SourceDefinition): ViewColumn[] {
  const scope = sourceScope(source);
  return [...scope.keys()].map((name) => column(name, scope));
}

function column(name: string, scope: Scope): ViewColumn {
  const { type, nullable, unit } = scope.get(name) ?? { type: 'json', nullable: true };
  return { name, type, nullable, ...(unit === undefined ? {} : { unit }) };
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
