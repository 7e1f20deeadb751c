import { fitsRecord } from '../own-code/fits-avro.ts';
import { unknownField } from './check-expression.ts';
import { inputProblem } from './check-input.ts';
import type { PipelineDefinition, ProcessDefinition } from './pipeline-definition.ts';
import { inputScope } from './view-scope.ts';
import { keepsTogether } from '../topology/topology.ts';

type Report = (at: string, problem: string) => void;

/** Why the processes of a pipeline cannot run, each as the place and the problem; without looking at the rows they are given. */
export function processProblems(definition: PipelineDefinition): [path: string, problem: string][] {
  return reported(definition, (name, process, report) => {
    for (const [kind, others] of Object.entries({
      source: definition.sources,
      join: definition.joins ?? {},
      view: definition.views ?? {},
    }))
      if (Object.hasOwn(others, name)) report('', `a ${kind} has the same name: rename one`);
    const problem = inputProblem(definition, name, process.from);
    if (problem !== undefined) report('.from', problem);
    checkModule(process, report);
    checkReturns(process, report);
  });
}

/** What does not go with the rows that processes are given: their keys, and returned fields that would take the place of others. */
export function processRowProblems(definition: PipelineDefinition): [path: string, problem: string][] {
  return reported(definition, (_, { from, by, reads, returns }, report) => {
    const given = inputScope(definition, from);
    for (const name of reads ?? []) if (!given.has(name)) report('.reads', unknownField(name, given));
    if (by !== undefined) checkKeys(definition, { from, by }, (problem) => report('.by', problem));
    for (const { name } of returns.fields)
      if (by?.includes(name) ?? given.has(name))
        report(
          '.returns',
          `"${name}" is a field of the rows of "${from}", which stand beside what is returned: return it under another name`,
        );
  });
}

function checkKeys(
  definition: PipelineDefinition,
  { from, by }: { readonly from: string; readonly by: readonly string[] },
  report: (problem: string) => void,
): void {
  const given = inputScope(definition, from);
  if (by.length === 0) return report('is empty; name the fields whose values have state');
  for (const name of by) {
    const type = given.get(name)?.type;
    if (type === undefined) report(unknownField(name, given));
    else if (type === 'double' || type === 'json') report(`"${name}" is ${type}, which is no key`);
  }
  if (!keepsTogether(definition, { from, by }))
    report(
      "needs all rows of a key in one partition; have the producer partition by fields of `by` and say so in the source's partitionedBy",
    );
}

function checkModule({ module, export: wanted, version }: ProcessDefinition, report: Report): void {
  if (module === '' || module.startsWith('.') || module.startsWith('/'))
    report(
      '.module',
      `"${module}" is found from nowhere in particular: give import.meta.resolve('./my-code.ts'), or the name of a package`,
    );
  if (wanted === '') report('.export', '"" is no name: name the function that the module exports');
  if (version !== undefined && !(Number.isSafeInteger(version) && version >= 0))
    report('.version', `${String(version)} is not a whole number ≥ 0`);
}

function checkReturns({ returns }: ProcessDefinition, report: Report): void {
  for (const field of returns.fields) {
    if (field.eventTime === true)
      report(
        '.returns',
        `"${field.name}" is marked as event time: rows keep the time of what they are made of`,
      );
    try {
      fitsRecord([field]);
    } catch (error) {
      report('.returns', `"${field.name}": ${(error as Error).message}`);
    }
  }
}

function reported(
  definition: PipelineDefinition,
  look: (name: string, process: ProcessDefinition, report: Report) => void,
): [string, string][] {
  const problems: [string, string][] = [];
  for (const [name, process] of Object.entries(definition.processes ?? {}))
    look(name, process, (at, problem) => problems.push([`processes.${name}${at}`, problem]));
  return problems;
}
