import { pathsOf } from './compile-expression.ts';
import { isWindowed, keyOf, sidesOf } from './pipeline-definition.ts';
import type { PipelineDefinition, ViewDefinition } from './pipeline-definition.ts';
import { fieldsRead } from './view-scope.ts';

const firstOf = (path: string): string => path.split('.', 1)[0]!;

/** The paths into its input that a view reads, beside the event time. */
function pathsNeeded(view: ViewDefinition): Set<string> {
  const paths = new Set<string>(view.by);
  if (view.flatten !== undefined) paths.add(view.flatten);
  if (view.where !== undefined) pathsOf(view.where, paths);
  if (isWindowed(view)) {
    for (const aggregate of Object.values(view.select))
      for (const name of fieldsRead(aggregate)) paths.add(name);
    if (view.window.type === 'session' && typeof view.window.gapMs === 'string') paths.add(view.window.gapMs);
  } else for (const name of view.columns) paths.add(name);
  for (const expression of Object.values(view.derive ?? {})) pathsOf(expression, paths);
  return paths;
}

/** The fields of its input that a view reads, beside the event time. */
export const fieldsNeeded = (view: ViewDefinition): string[] => [
  ...new Set([...pathsNeeded(view)].map(firstOf)),
];

/** The paths into the rows of a source or join that anybody reads; `*`: all of the row. */
export function neededOf(definition: PipelineDefinition, name: string): Set<string> {
  const paths = joinedOf(definition, name);
  for (const [process, { from, reads = ['*'], by, returns }] of Object.entries(definition.processes ?? {})) {
    if (from !== name) continue;
    for (const field of [...reads, ...(by ?? [])]) paths.add(field);
    // With `by`, only the keys stand beside what is returned.
    if (by !== undefined) continue;
    const returned = new Set(returns.fields.map((field) => field.name));
    for (const path of neededOf(definition, process)) if (!returned.has(firstOf(path))) paths.add(path);
  }
  return paths;
}

/** Likewise, without what own code is given before rows are joined. */
function joinedOf(definition: PipelineDefinition, name: string): Set<string> {
  const paths = new Set<string>();
  for (const view of Object.values(definition.views))
    if (view.from === name) for (const path of pathsNeeded(view)) paths.add(path);
  for (const [joined, join] of Object.entries(definition.joins ?? {})) {
    if (!sidesOf(join).includes(name)) continue;
    for (const field of keyOf(join, name)) paths.add(field);
    if (join.where?.[name] !== undefined) pathsOf(join.where[name], paths);
    for (const path of neededOf(definition, joined))
      if (path === name || path === '*') paths.add('*');
      else if (path.startsWith(`${name}.`)) paths.add(path.slice(name.length + 1));
  }
  return paths;
}

/** The top-level fields that have to be read of a source or join, out of all that it has. */
export const fieldsOfInput = (
  definition: PipelineDefinition,
  name: string,
  all: Iterable<string>,
): string[] => firstsOf(neededOf(definition, name), all);

/** The top-level fields that a join has to keep of a side. */
export const fieldsOfSide = (definition: PipelineDefinition, name: string, all: Iterable<string>): string[] =>
  firstsOf(joinedOf(definition, name), all);

function firstsOf(needed: ReadonlySet<string>, all: Iterable<string>): string[] {
  if (needed.has('*')) return [...all];
  const names = new Set([...needed].map(firstOf));
  return [...all].filter((field) => names.has(field));
}
