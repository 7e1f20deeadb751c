import type { PipelineDefinition, ProcessDefinition } from '../definition/pipeline-definition.ts';
import { StreamsError } from '../errors.ts';
import type { AnyKeyedOwnCode, AnyOwnCode, OwnCodes } from './own-code.ts';

/**
 * Loads the own code of a pipeline: what each of its `processes` names. Nothing is loaded where there are none.
 * @throws STREAMS_OWN_CODE when a module cannot be loaded, or has no such function
 */
export async function loadOwnCode(definition: PipelineDefinition): Promise<OwnCodes> {
  const codes: Record<string, OwnCodes[string]> = {};
  for (const [name, process] of Object.entries(definition.processes ?? {}))
    codes[name] = await load(`process "${name}" of pipeline "${definition.name}"`, process);
  return codes;
}

async function load(
  what: string,
  { module, export: wanted, by }: ProcessDefinition,
): Promise<OwnCodes[string]> {
  const refusal = (problem: string, cause?: unknown) =>
    new StreamsError('STREAMS_OWN_CODE', `${what}: ${problem}`, { cause });
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = (await import(module)) as typeof loaded;
  } catch (cause) {
    throw refusal(
      `the module ${module} cannot be loaded (${(cause as Error).message}); give its URL on this machine, as import.meta.resolve('./my-code.ts') does`,
      cause,
    );
  }
  const found = Object.hasOwn(loaded, wanted) ? loaded[wanted] : undefined;
  if (found === undefined)
    throw refusal(
      `the module ${module} exports no "${wanted}"; it exports ${Object.keys(loaded).join(', ') || 'nothing'}`,
    );
  const problem = by === undefined ? functionProblem(wanted, found) : keyedProblem(wanted, found);
  if (problem !== undefined) throw refusal(`${problem} (of ${module})`);
  return found as AnyOwnCode | AnyKeyedOwnCode;
}

function functionProblem(name: string, found: unknown): string | undefined {
  if (typeof found !== 'function')
    return `"${name}" is ${typeof found}, not a function: export (row, context) => …`;
  const made = found.constructor.name;
  return made === 'Function'
    ? undefined
    : `"${name}" is an ${made}: own code returns its rows, not a promise or a generator of them; load what it needs when the module is loaded`;
}

/** What is wrong with the code of a process with `by`; undefined when nothing is. */
function keyedProblem(name: string, found: unknown): string | undefined {
  if (typeof found !== 'object' || found === null)
    return `"${name}" is ${typeof found}, not the code of a process with \`by\`: export { process(row, context) { … } }`;
  const { process, onTimer } = found as { process?: unknown; onTimer?: unknown };
  return (
    functionProblem(`${name}.process`, process) ??
    (onTimer === undefined ? undefined : functionProblem(`${name}.onTimer`, onTimer))
  );
}
