import {
  isGlobalJoin,
  isLocalOnly,
  isTableJoin,
  isWindowed,
  sidesOf,
} from '../definition/pipeline-definition.ts';
import type {
  JoinDefinition,
  PipelineDefinition,
  ProcessDefinition,
  ViewDefinition,
} from '../definition/pipeline-definition.ts';
import { viewColumns } from '../definition/view-columns.ts';
import { topicNames, topologyOf } from './topology.ts';
import type { Stage, Topology } from './topology.ts';

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/**
 * Draws a pipeline's topology: `text` for people, `json` for programs, `mermaid` for documents.
 * Needs no broker; the same definition always gives the same drawing.
 */
export function describe(
  definition: PipelineDefinition,
  format: 'text' | 'json' | 'mermaid' = 'text',
): string {
  const topology = topologyOf(definition);
  if (format === 'json') return JSON.stringify(describeJson(definition, topology), null, 2);
  return format === 'text' ? describeText(definition, topology) : describeMermaid(definition, topology);
}

function describeJson(definition: PipelineDefinition, topology: Topology) {
  return {
    ...topology,
    views: Object.keys(definition.views).map((name) => ({
      name,
      topic: topicNames.results(definition.name, name),
      columns: viewColumns(definition, name),
      localOnly: isLocalOnly(definition, name),
    })),
    processes: Object.entries(definition.processes ?? {}).map(([name, process]) => ({
      ...{ name, from: process.from, by: process.by, export: process.export, version: process.version ?? 0 },
      localOnly: true,
    })),
    topics: {
      late: topicNames.late(definition.name),
      rejected: topicNames.rejected(definition.name),
      deadLetter: topicNames.deadLetter(definition.name),
    },
  };
}

function describeText(definition: PipelineDefinition, topology: Topology): string {
  const lines = [`pipeline ${definition.name}`];
  for (const { source, topic } of topology.globalTables)
    lines.push(`  global table ${source}: every instance reads all of ${topic}`);
  topology.stages.forEach((stage, index) => {
    lines.push(`  stage ${index} ${stage.name}: reads ${stage.topics.join(', ')}`);
    if (stage.kind === 'source')
      for (const join of stage.joins) lines.push(`    ${join}: ${joinText(definition.joins![join]!)}`);
    for (const process of stage.processes)
      lines.push(`    ${process}: ${processText(definition.processes![process]!)}`);
    for (const { from, to, label } of edgesOf(definition, stage))
      if (from === nodeOf(stage)) lines.push(`    ${label} -> ${to}`);
  });
  return lines.join('\n');
}

function describeMermaid(definition: PipelineDefinition, topology: Topology): string {
  const ids = new Map<string, string>();
  const lines = ['flowchart LR'];
  // A stage may be called as a topic is.
  const idOf = (name: string, shape: (text: string) => string): string => {
    const key = shape(name);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = `n${ids.size}`;
    ids.set(key, id);
    lines.push(`  ${id}${shape(`"${name.replaceAll('"', "'")}"`)}`);
    return id;
  };
  const topic = (text: string) => `[(${text})]`;
  const step = (text: string) => `[${text}]`;
  for (const stage of topology.stages) {
    const node = idOf(nodeOf(stage), step);
    for (const read of stage.topics) lines.push(`  ${idOf(read, topic)} --> ${node}`);
    for (const table of stage.kind === 'source' ? stage.globalTables : [])
      lines.push(`  ${idOf(definition.sources[table]!.topic, topic)} -. whole .-> ${node}`);
    for (const { to, label } of edgesOf(definition, stage))
      lines.push(`  ${node} -- "${label.replaceAll('"', "'")}" --> ${idOf(to, topic)}`);
  }
  return lines.join('\n');
}

function nodeOf(stage: Stage): string {
  if (stage.kind === 'merge') return `${stage.name} (merge)`;
  return stage.joins.length === 0 ? stage.name : `${stage.name} (join ${stage.joins.join(', ')})`;
}

function joinText(join: JoinDefinition): string {
  const [first, second] = sidesOf(join);
  if (isGlobalJoin(join)) {
    const { on, key = on } = join;
    const pairs = on.map((name, at) => (key[at] === name ? name : `${name} = ${key[at]}`));
    return `${join.type} join of ${first} with global table ${second} on ${pairs.join(', ')} (as of its processing)`;
  }
  const when = isTableJoin(join)
    ? `as of its time${join.historyMs === undefined ? '' : `, historyMs ${join.historyMs}`}`
    : `beforeMs ${join.beforeMs}, afterMs ${join.afterMs}, graceMs ${join.graceMs ?? 0}`;
  const table = isTableJoin(join) ? 'table ' : '';
  return `${join.type} join of ${first} with ${table}${second} on ${join.on.join(', ')} (${when})`;
}

function processText({ from, by, export: code, version, returns }: ProcessDefinition): string {
  const named = version === undefined ? code : `${code} (version ${version})`;
  const fields = returns.fields.map(({ name }) => name).join(', ') || 'no field';
  const state = by === undefined ? '' : ` with state by ${by.join(', ')}`;
  return `own code ${named} over ${from}${state}, local only: returns ${fields}`;
}

function edgesOf(definition: PipelineDefinition, stage: Stage): Edge[] {
  const from = nodeOf(stage);
  const { name: pipeline, views } = definition;
  const results = (view: string) => topicNames.results(pipeline, view);
  const steps = (view: string) => stepsText(stage, views[view]!);
  return [
    ...(stage.kind === 'merge'
      ? [
          {
            from,
            to: results(stage.view),
            label: ['merge partial windows', windowText(views[stage.view]!)].join(' '),
          },
        ]
      : []),
    ...stage.windows.map((view) => ({ from, to: results(view), label: steps(view) })),
    ...stage.partials.map((view) => ({
      from,
      to: topicNames.repartition(pipeline, view),
      label: `combine ${steps(view)}`,
    })),
    ...stage.rows.map((view) => ({ from, to: results(view), label: `rows ${steps(view)}` })),
  ];
}

/** What a view reads where that is not the stage's only topic. */
function fromText(stage: Stage, from: string): string {
  if (stage.processes.includes(from)) return `what ${from} made (local only)`;
  if (stage.kind === 'source' && stage.joins.includes(from)) return `joined ${from}`;
  if (stage.kind === 'source' && stage.sources.includes(from)) return stage.sources.length > 1 ? from : '';
  return `final results of ${from}`;
}

function stepsText(stage: Stage, view: ViewDefinition): string {
  return [
    fromText(stage, view.from),
    view.flatten === undefined ? '' : `flatten ${view.flatten}`,
    view.derive === undefined ? '' : `derive ${Object.keys(view.derive).join(', ')}`,
    view.where === undefined ? '' : 'where …',
    `by ${view.by?.join(', ') || '(one group)'}`,
    windowText(view),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function windowText(view: ViewDefinition): string {
  if (!isWindowed(view)) return '';
  const { type, ...sizes } = view.window;
  const settings = Object.entries(sizes).map(([name, value]) => `${name} ${String(value)}`);
  const after = [
    view.compute === undefined ? '' : ` · compute ${Object.keys(view.compute).join(', ')}`,
    view.having === undefined ? '' : ' · having …',
  ];
  return `${type}(${settings.join(', ')})${after.join('')}`;
}
