import { isGlobalTable, isWindowed } from './pipeline-definition.ts';
import type { PipelineDefinition, ViewDefinition } from './pipeline-definition.ts';

/** Windows whose results have no end in time. */
const endless = new Set(['global', 'count']);

/** Why a view cannot read what its `from` names; undefined when it can. */
export function inputProblem(
  definition: PipelineDefinition,
  name: string,
  view: ViewDefinition,
): string | undefined {
  const { from } = view;
  if (isGlobalTable(definition, from))
    return `"${from}" is a global table, which is read by joins only: read the join, or give its topic a pipeline of its own`;
  if (Object.hasOwn(definition.sources, from) || Object.hasOwn(definition.joins ?? {}, from))
    return undefined;
  if (!Object.hasOwn(definition.views, from)) {
    const known = [
      ...Object.keys(definition.sources),
      ...Object.keys(definition.joins ?? {}),
      ...Object.keys(definition.views).filter((other) => other !== name),
    ];
    return `there is no source, join or view "${String(from)}"; there are ${known.join(', ')}`;
  }
  const ring = ringFrom(definition, name);
  if (ring !== undefined)
    return `${ring.join(' reads ')} is a ring: no view may read from itself, directly or through others`;
  const upstream = definition.views[from]!;
  if (!isWindowed(upstream))
    return `view "${from}" has no window, so that no row of it is final: read "${upstream.from}" and repeat its steps`;
  if (endless.has(upstream.window?.type))
    return `view "${from}" has a ${upstream.window.type} window, whose results have no event time: give it a window with an end`;
  return undefined;
}

/** The names along `from`, starting and ending with the same view; undefined when the way ends in something else. */
function ringFrom(definition: PipelineDefinition, start: string): string[] | undefined {
  const way = [start];
  for (let at = definition.views[start]!.from; ;) {
    if (way.includes(at)) return [...way.slice(way.indexOf(at)), at];
    way.push(at);
    const next = Object.hasOwn(definition.views, at) ? definition.views[at] : undefined;
    if (next === undefined) return undefined;
    at = next.from;
  }
}
