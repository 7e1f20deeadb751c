import {
  describe,
  isWindowed,
  topicNames,
  viewColumns,
  viewTable,
  type PipelineDefinition,
  type ViewDefinition,
} from '@millrace/streams';
import type { Table } from '@millrace/storage';
import type { Column, Combine, Panel, PipelineDescription, ViewDescription } from '@millrace/views';

/** A view with what the server needs to serve it. */
export interface ServedView extends ViewDescription {
  readonly pipeline: string;
  readonly topic: string;
  /** Where its rows are stored. */
  readonly table: Table;
  /** Columns that, with `windowStart` where it has windows, identify a row. */
  readonly keyColumns: readonly string[];
}

/** What the server serves: every pipeline, its views found by their name. */
export interface Catalogue {
  readonly pipelines: readonly PipelineDescription[];
  readonly views: ReadonlyMap<string, ServedView>;
}

/**
 * Derives pages, topics and columns from definitions.
 *
 * @throws Error where two pipelines name a view alike: view names are unique over all of them
 */
export function catalogueOf(definitions: readonly PipelineDefinition[]): Catalogue {
  const views = new Map<string, ServedView>();
  const pipelines = definitions.map((definition): PipelineDescription => {
    const described = Object.keys(definition.views).map((name) => {
      const other = views.get(name);
      if (other !== undefined) {
        throw new Error(
          `View ${name} is in ${other.pipeline} and in ${definition.name}: rename one, since view names are unique`,
        );
      }
      const view = describeView(definition, name);
      views.set(name, {
        ...view,
        pipeline: definition.name,
        table: viewTable(definition, name),
        topic: topicNames.results(definition.name, name),
        keyColumns: view.columns.filter(({ key }) => key === true).map((column) => column.name),
      });
      return view;
    });
    return {
      name: definition.name,
      title: definition.description ?? definition.name,
      definition: withoutModules(definition),
      topology: describe(definition, 'text'),
      views: described,
    };
  });
  return { pipelines, views };
}

/** A definition as anybody may see it: where own code lies on this machine is nobody's business. */
function withoutModules({ processes, ...definition }: PipelineDefinition) {
  if (processes === undefined) return definition;
  const shown = Object.entries(processes).map(([name, { module: _, ...process }]) => [name, process]);
  return { ...definition, processes: Object.fromEntries(shown) as Readonly<Record<string, unknown>> };
}

function describeView(definition: PipelineDefinition, name: string): ViewDescription {
  const view = definition.views[name];
  const windowMs = view !== undefined && isWindowed(view) ? sizeOf(view.window) : undefined;
  return {
    name,
    columns: viewColumns(definition, name) as readonly Column[],
    panels: ((view?.panels ?? []) as readonly Panel[]).map((panel) => withCombine(panel, view)),
    ...timeOf(view),
    ...(windowMs === undefined ? {} : { windowMs }),
  };
}

function timeOf(view: ViewDefinition | undefined): Pick<ViewDescription, 'timeOf' | 'timeColumn'> {
  if (view === undefined || isWindowed(view)) return { timeOf: 'windows' };
  return view.time === undefined ? { timeOf: 'nothing' } : { timeOf: 'rows', timeColumn: view.time };
}

/** How values of several windows become one, by the aggregate that made them; anything else is taken at its worst. */
const COMBINE_BY_AGGREGATE: Readonly<Record<string, Combine>> = {
  count: 'sum',
  sum: 'sum',
  topK: 'sum',
  mean: 'mean',
  rate: 'mean',
  min: 'min',
  last: 'last',
};

/** The panel with its `combine` said, since only what is counted or summed may be added over windows. */
function withCombine(panel: Panel, view: ViewDefinition | undefined): Panel {
  if (!('y' in panel) || panel.type === 'steps' || panel.combine !== undefined) return panel;
  const field = panel.type === 'timeSeries' ? panel.y[0] : panel.y;
  const aggregate = view !== undefined && isWindowed(view) ? view.select[field ?? ''] : undefined;
  return { ...panel, combine: COMBINE_BY_AGGREGATE[aggregate?.type ?? ''] ?? 'max' };
}

/** The length of windows that all have the same one. */
function sizeOf(window: object): number | undefined {
  const { sizeMs } = window as { sizeMs?: unknown };
  return typeof sizeMs === 'number' ? sizeMs : undefined;
}
