import { isGlobalTable, isWindowed } from './pipeline-definition.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';

/** Windows whose results have no end in time. */
const endless = new Set(['global', 'count']);

/** Why a view or process cannot read what its `from` names; undefined when it can. */
export function inputProblem(definition: PipelineDefinition, name: string, from: string): string | undefined {
  if (isGlobalTable(definition, from))
    return `"${from}" is a global table, which is read by joins only: read the join, or give its topic a pipeline of its own`;
  const { sources, joins = {}, processes = {}, views } = definition;
  if (Object.hasOwn(sources, from) || Object.hasOwn(joins, from)) return undefined;
  if (!Object.hasOwn(views, from) && !Object.hasOwn(processes, from)) {
    const known = [sources, joins, processes, views].flatMap(Object.keys).filter((other) => other !== name);
    return `there is no source, join, process or view "${String(from)}"; there are ${known.join(', ')}`;
  }
  const ring = ringFrom(definition, name);
  if (ring !== undefined)
    return `${ring.join(' reads ')} is a ring: nothing may read from itself, directly or through others`;
  const upstream = views[from];
  if (upstream === undefined) return undefined;
  if (!isWindowed(upstream))
    return `view "${from}" has no window, so that no row of it is final: read "${upstream.from}" and repeat its steps`;
  if (endless.has(upstream.window?.type))
    return `view "${from}" has a ${upstream.window.type} window, whose results have no event time: give it a window with an end`;
  return undefined;
}

/** The names along `from`, starting and ending with the same one; undefined when the way ends in something else. */
function ringFrom(definition: PipelineDefinition, start: string): string[] | undefined {
  const way = [start];
  const { views, processes = {} } = definition;
  const nextOf = (name: string): string | undefined =>
    (Object.hasOwn(views, name) ? views[name] : Object.hasOwn(processes, name) ? processes[name] : undefined)
      ?.from;
  for (let at = nextOf(start); at !== undefined; at = nextOf(at)) {
    if (way.includes(at)) return [...way.slice(way.indexOf(at)), at];
    way.push(at);
  }
  return undefined;
}
