import { isWindowed } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition, ViewDefinition } from '../definition/pipeline-definition.ts';

/** The views whose rows come up in a stage: those that read its topic, and those that read the results of windows there. */
interface Hosted {
  /** Windows that need no shuffle. Who reads from a view comes after it. */
  readonly windows: readonly string[];
  /** Partial windows of views that do. */
  readonly partials: readonly string[];
  readonly rows: readonly string[];
}

/** Reads a source topic. */
export interface SourceStage extends Hosted {
  readonly kind: 'source';
  readonly name: string;
  readonly source: string;
  readonly topic: string;
}

/** Reads one view's repartition topic and merges the partial windows in it. */
export interface MergeStage extends Hosted {
  readonly kind: 'merge';
  readonly name: string;
  readonly view: string;
  /** The source that everything here comes from; the stage has as many partitions. */
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
  const partitionedBy = partitioningOf(definition, view.from);
  return partitionedBy === undefined || columnsWith(partitionedBy, view) === undefined;
}

/** The grouping columns that have the values of some fields, or their masks; undefined when one is not among them. */
function columnsWith(fields: readonly string[], view: ViewDefinition): string[] | undefined {
  const columns = fields.map((name) => view.by?.find((key) => fieldBehind(key, view) === name));
  return columns.every((column) => column !== undefined) ? columns : undefined;
}

/** The input's field that a column has the value of, or the mask of: equal masks are equal values. */
function fieldBehind(column: string, view: ViewDefinition): string | undefined {
  const derived = view.derive?.[column];
  if (derived === undefined) return column;
  const inner = derived.op === 'mask' ? derived.args[0] : derived;
  return inner?.op === 'field' && view.derive?.[inner.name] === undefined ? inner.name : undefined;
}

/** The fields that decide in which partition a row of a source or view lies; none: all in one; undefined: not known. */
function partitioningOf(definition: PipelineDefinition, from: string): readonly string[] | undefined {
  const source = definition.sources[from];
  if (source !== undefined) return source.partitionedBy?.length === 0 ? undefined : source.partitionedBy;
  const view = definition.views[from];
  if (view === undefined) return undefined;
  const ofInput = partitioningOf(definition, view.from);
  return (ofInput && columnsWith(ofInput, view)) ?? view.by ?? [];
}

/** The views that read from a source or view, in the order of the definition. */
export const readersOf = (definition: PipelineDefinition, from: string): string[] =>
  Object.keys(definition.views).filter((name) => definition.views[name]!.from === from);

/** The stages of a pipeline, from its definition alone: no broker is asked. */
export function topologyOf(definition: PipelineDefinition): Topology {
  const stages: Stage[] = [];
  for (const [source, { topic }] of Object.entries(definition.sources)) {
    if (readersOf(definition, source).length === 0) continue;
    const merges: MergeStage[] = [];
    stages.push({ kind: 'source', name: source, source, topic, ...host(source) }, ...merges);

    /** What comes up where the rows of `from` are; stages that this feeds are added. */
    function host(from: string): Hosted {
      const windows: string[] = [];
      const partials: string[] = [];
      const rows: string[] = [];
      const add = (upstream: string): void => {
        for (const name of readersOf(definition, upstream)) {
          const view = definition.views[name]!;
          if (!isWindowed(view)) rows.push(name);
          else if (needsRepartition(definition, view)) partials.push(name);
          else {
            windows.push(name);
            add(name);
          }
        }
      };
      add(from);
      for (const name of partials) {
        const stage = { name, view: name, source, topic: topicNames.repartition(definition.name, name) };
        const at = merges.length;
        merges.splice(at, 0, { kind: 'merge', ...stage, ...host(name) });
      }
      return { windows, partials, rows };
    }
  }
  return { pipeline: definition.name, stages };
}
