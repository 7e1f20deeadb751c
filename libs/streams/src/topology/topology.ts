import {
  isGlobalJoin,
  isGlobalTable,
  isWindowed,
  sidesOf,
  streamBehind,
} from '../definition/pipeline-definition.ts';
import type { PipelineDefinition, ViewDefinition } from '../definition/pipeline-definition.ts';

/** The views whose rows come up in a stage: those that read its topic, and those that read the results of windows there. */
interface Hosted {
  /** Windows that need no shuffle. Who reads from a view comes after it. */
  readonly windows: readonly string[];
  /** Partial windows of views that do. */
  readonly partials: readonly string[];
  readonly rows: readonly string[];
  /** Own code that runs here. */
  readonly processes: readonly string[];
}

/** Reads the topic of a source, or those of several that are joined: a task reads the same partition of each. */
export interface SourceStage extends Hosted {
  readonly kind: 'source';
  readonly name: string;
  /** The first of `sources`. */
  readonly source: string;
  readonly sources: readonly string[];
  /** The joins that are made here, those that others read before these. */
  readonly joins: readonly string[];
  /** The sources with the global tables of these joins. */
  readonly globalTables: readonly string[];
  /** The first of `topics`. */
  readonly topic: string;
  readonly topics: readonly string[];
}

/** Reads one view's repartition topic and merges the partial windows in it. */
export interface MergeStage extends Hosted {
  readonly kind: 'merge';
  readonly name: string;
  readonly view: string;
  /** The source that everything here comes from; the stage has as many partitions. */
  readonly source: string;
  readonly topic: string;
  readonly topics: readonly string[];
}

/** A task is one partition number of one stage. */
export type Stage = SourceStage | MergeStage;

export interface Topology {
  readonly pipeline: string;
  /** Read whole by every instance, by no task. */
  readonly globalTables: readonly { readonly source: string; readonly topic: string }[];
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
  return isWindowed(view) && !keepsTogether(definition, view);
}

type Grouped = Pick<ViewDefinition, 'from' | 'by' | 'derive'>;

/** Whether rows that are equal in the grouping columns lie in one partition. */
export function keepsTogether(definition: PipelineDefinition, grouped: Grouped): boolean {
  const partitionedBy = partitioningOf(definition, grouped.from);
  return partitionedBy !== undefined && columnsWith(partitionedBy, grouped) !== undefined;
}

/** The grouping columns that have the values of some fields, or their masks; undefined when one is not among them. */
function columnsWith(fields: readonly string[], view: Grouped): string[] | undefined {
  const columns = fields.map((name) => view.by?.find((key) => fieldBehind(key, view) === name));
  return columns.every((column) => column !== undefined) ? columns : undefined;
}

/** The input's field that a column has the value of, or the mask of: equal masks are equal values. */
function fieldBehind(column: string, view: Grouped): string | undefined {
  const derived = view.derive?.[column];
  if (derived === undefined) return column;
  const inner = derived.op === 'mask' ? derived.args[0] : derived;
  return inner?.op === 'field' && view.derive?.[inner.name] === undefined ? inner.name : undefined;
}

/** The fields that decide in which partition a row of a source, join or view lies; none: all in one; undefined: not known. */
function partitioningOf(definition: PipelineDefinition, from: string): readonly string[] | undefined {
  const process = definition.processes?.[from];
  // Its rows have the fields of what they were made of.
  if (process !== undefined) return partitioningOf(definition, process.from);
  const source = definition.sources[from];
  if (source !== undefined) return source.partitionedBy?.length === 0 ? undefined : source.partitionedBy;
  const join = definition.joins?.[from];
  if (join !== undefined && isGlobalJoin(join))
    return partitioningOf(definition, join.stream)?.map((name) =>
      join.on.includes(name) ? name : `${join.stream}.${name}`,
    );
  // Both sides are partitioned by the same fields, which are equal in joined rows.
  if (join !== undefined) return partitioningOf(definition, sidesOf(join)[0]);
  const view = definition.views[from];
  if (view === undefined) return undefined;
  const ofInput = partitioningOf(definition, view.from);
  return (ofInput && columnsWith(ofInput, view)) ?? view.by ?? [];
}

/** The views that read from a source, join or view, in the order of the definition. */
export const readersOf = (definition: PipelineDefinition, from: string): string[] =>
  Object.keys(definition.views).filter((name) => definition.views[name]!.from === from);

/** The processes that read from a source, join, process or view, in the order of the definition. */
export const processesOf = (definition: PipelineDefinition, from: string): string[] =>
  Object.entries(definition.processes ?? {}).flatMap(([name, process]) =>
    process.from === from ? [name] : [],
  );

/** What keeps state in a stage: its joins, own code with keys, windows, and what is counted before a shuffle. */
export const statefulIn = (definition: PipelineDefinition, stage: Stage): string[] => [
  ...(stage.kind === 'merge' ? [stage.view] : stage.joins),
  ...stage.processes.filter((name) => definition.processes?.[name]?.by !== undefined),
  ...stage.windows,
  ...stage.partials,
];

/** The joins with a global table whose stream is a source, join or process, in the order of the definition. */
export const globalJoinsOf = (definition: PipelineDefinition, from: string): string[] =>
  Object.entries(definition.joins ?? {}).flatMap(([name, join]) =>
    isGlobalJoin(join) && join.stream === from ? [name] : [],
  );

/** The stages of a pipeline, from its definition alone: no broker is asked. */
export function topologyOf(definition: PipelineDefinition): Topology {
  const stages: Stage[] = [];
  for (const { sources, joins } of joinedSources(definition)) {
    const topics = sources.map((name) => definition.sources[name]!.topic);
    const source = sources[0]!;
    const merges: MergeStage[] = [];
    const hosted = hostAt([...sources, ...joins]);
    if ([hosted.windows, hosted.partials, hosted.rows].every((views) => views.length === 0)) continue;
    const globalTables = [
      ...new Set(
        joins.flatMap((name) => {
          const join = definition.joins![name]!;
          return isGlobalJoin(join) ? [join.globalTable] : [];
        }),
      ),
    ];
    const common = { source, sources, joins, globalTables, topic: topics[0]!, topics };
    stages.push({ kind: 'source', name: source, ...common, ...hosted }, ...merges);

    /** What comes up where the rows of some inputs are; stages that this feeds are added to `merges`. */
    function hostAt(inputs: readonly string[]): Hosted {
      const windows: string[] = [];
      const partials: string[] = [];
      const rows: string[] = [];
      const processes: string[] = [];
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
        for (const name of processesOf(definition, upstream)) {
          processes.push(name);
          add(name);
        }
      };
      for (const name of inputs) add(name);
      for (const name of partials) {
        const topic = topicNames.repartition(definition.name, name);
        const at = merges.length;
        merges.splice(at, 0, {
          kind: 'merge',
          name,
          view: name,
          source,
          topic,
          topics: [topic],
          ...hostAt([name]),
        });
      }
      return { windows, partials, rows, processes };
    }
  }
  const globalTables = Object.entries(definition.sources)
    .filter(([source]) => isGlobalTable(definition, source))
    .map(([source, { topic }]) => ({ source, topic }));
  return { pipeline: definition.name, globalTables, stages };
}

/** Sources that are joined together, directly or through others; a source that is not is alone. */
function joinedSources(
  definition: PipelineDefinition,
): { readonly sources: string[]; readonly joins: string[] }[] {
  const groups = Object.keys(definition.sources)
    .filter((name) => !isGlobalTable(definition, name))
    .map((name) => ({ sources: [name], joins: [] as string[] }));
  const groupOf = (side: string) =>
    groups.find(({ sources, joins }) => [...sources, ...joins].includes(streamBehind(definition, side)));
  const open = new Set(Object.keys(definition.joins ?? {}));
  // A join of joins finds its sides once those are placed.
  for (let before = -1; before !== open.size;) {
    before = open.size;
    for (const name of open) {
      const join = definition.joins![name]!;
      const sides = isGlobalJoin(join) ? [join.stream, join.stream] : sidesOf(join);
      const [first, second] = sides.map(groupOf);
      if (first === undefined || second === undefined) continue;
      open.delete(name);
      if (first !== second) {
        first.sources.push(...second.sources);
        first.joins.push(...second.joins);
        groups.splice(groups.indexOf(second), 1);
      }
      first.joins.push(name);
    }
  }
  const order = Object.keys(definition.sources);
  const inOrder = (a: string, b: string) => order.indexOf(a) - order.indexOf(b);
  for (const { sources } of groups) sources.sort(inOrder);
  return groups.sort((a, b) => inOrder(a.sources[0]!, b.sources[0]!));
}
