import { isWindowed } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition, ViewDefinition } from '../definition/pipeline-definition.ts';

/** Reads a source topic: windows of views that need no shuffle, partial windows of those that do, rows of views without windows. */
export interface SourceStage {
  readonly kind: 'source';
  readonly name: string;
  readonly source: string;
  readonly topic: string;
  readonly windows: readonly string[];
  readonly partials: readonly string[];
  readonly rows: readonly string[];
}

/** Reads one view's repartition topic and merges the partial windows in it. */
export interface MergeStage {
  readonly kind: 'merge';
  readonly name: string;
  readonly view: string;
  readonly source: string;
  readonly topic: string;
}

/** A task is one partition number of one stage. */
export type Stage = SourceStage | MergeStage;

export interface Topology {
  readonly pipeline: string;
  /** Sources before what reads from them; the place in the list is the stage's number in task names. */
  readonly stages: readonly Stage[];
}

/** Names of the topics that a pipeline makes. */
export const topicNames = {
  results: (pipeline: string, view: string) => `${pipeline}.${view}`,
  changelog: (pipeline: string, stage: string) => `${pipeline}.${stage}.changelog`,
  repartition: (pipeline: string, view: string) => `${pipeline}.${view}.repartition`,
  late: (pipeline: string) => `${pipeline}.late`,
  rejected: (pipeline: string) => `${pipeline}.rejected`,
  deadLetter: (pipeline: string) => `${pipeline}.dead-letter`,
};

/** Whether records of one key of the view may lie in several partitions, so that they have to be brought together first. */
export function needsRepartition(definition: PipelineDefinition, view: ViewDefinition): boolean {
  if (!isWindowed(view)) return false;
  const partitionedBy = definition.sources[view.from]?.partitionedBy;
  if (partitionedBy === undefined || partitionedBy.length === 0) return true;
  const keys = new Set((view.by ?? []).map((key) => fieldBehind(key, view)));
  return !partitionedBy.every((name) => keys.has(name));
}

/** The input's field that a column has the value of, or the mask of: equal masks are equal values. */
function fieldBehind(column: string, view: ViewDefinition): string | undefined {
  const derived = view.derive?.[column];
  if (derived === undefined) return column;
  const inner = derived.op === 'mask' ? derived.args[0] : derived;
  return inner?.op === 'field' && view.derive?.[inner.name] === undefined ? inner.name : undefined;
}

/** The stages of a pipeline, from its definition alone: no broker is asked. */
export function topologyOf(definition: PipelineDefinition): Topology {
  const views = Object.entries(definition.views);
  const stages: Stage[] = [];
  for (const [source, { topic }] of Object.entries(definition.sources)) {
    const mine = views.filter(([, view]) => view.from === source);
    if (mine.length === 0) continue;
    const named = (keep: (view: ViewDefinition) => boolean) =>
      mine.filter(([, view]) => keep(view)).map(([name]) => name);
    stages.push({
      kind: 'source',
      name: source,
      source,
      topic,
      windows: named((view) => isWindowed(view) && !needsRepartition(definition, view)),
      partials: named((view) => needsRepartition(definition, view)),
      rows: named((view) => !isWindowed(view)),
    });
  }
  for (const [name, view] of views)
    if (needsRepartition(definition, view))
      stages.push({
        kind: 'merge',
        name,
        view: name,
        source: view.from,
        topic: topicNames.repartition(definition.name, name),
      });
  return { pipeline: definition.name, stages };
}
