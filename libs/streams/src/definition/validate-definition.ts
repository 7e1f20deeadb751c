import { DefinitionError } from '../errors.ts';
import { inputProblem } from './check-input.ts';
import { joinProblems } from './check-joins.ts';
import { checkDistinct, checkName, pipelineNameShape } from './check-names.ts';
import type { Report } from './check-names.ts';
import { piiProblems } from './check-pii.ts';
import { processProblems, processRowProblems } from './check-processes.ts';
import { shapeProblems } from './check-shape.ts';
import { checkSources } from './check-source.ts';
import { checkView } from './check-view.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';

/** `NAME` or `SPACE.NAME`: Cassandra's limit for the keyspace, Postgres's for the table. */
const tableShape = /^([A-Za-z][A-Za-z0-9_]{0,47}\.)?[A-Za-z][A-Za-z0-9_]{0,62}$/;
const ownTopics = new Set(['late', 'rejected', 'dead-letter']);

/**
 * Every reason why a definition cannot run, each naming the place, the value and what to do; empty when it can.
 * Takes anything: a definition may come from a file.
 */
export function validateDefinition(definition: PipelineDefinition): string[] {
  const problems: string[] = [];
  const report: Report = (path, problem) => problems.push(`${path}: ${problem}`);
  for (const [path, problem] of shapeProblems(definition)) report(path, problem);
  // Nothing below has to ask what kind of value it looks at.
  if (problems.length > 0) return problems;
  const { name: pipeline, sources, joins = {}, processes = {}, views } = definition;
  checkName('name', pipeline, report, pipelineNameShape);
  if (Object.keys(sources).length === 0) report('sources', 'there are none; name at least one topic');
  if (Object.keys(views).length === 0) report('views', 'there are none; add what is to be computed');
  if (problems.length > 0) return problems;
  checkSources(definition, report);
  for (const name of Object.keys(joins)) checkName(`joins.${name}`, name, report);
  for (const name of Object.keys(processes)) checkName(`processes.${name}`, name, report);
  for (const problemsOf of [processProblems, joinProblems, processRowProblems]) {
    const found = problems.length > 0 ? [] : problemsOf(definition);
    for (const [path, problem] of found) report(path, problem);
    // What reads a join or process that cannot run would only repeat its problems.
    if (found.length > 0) return problems;
  }
  checkViews(definition, report);
  return problems.length > 0 ? problems : piiProblems(definition);
}

/** @throws DefinitionError (STREAMS_DEFINITION) with all problems at once */
export function checkDefinition(definition: PipelineDefinition): void {
  const problems = validateDefinition(definition);
  if (problems.length > 0)
    throw new DefinitionError(String((definition as PipelineDefinition | null)?.name), problems);
}

function checkViews(definition: PipelineDefinition, report: Report): void {
  const views = Object.entries(definition.views);
  checkDistinct('views', Object.keys(definition.views), report);
  checkDistinct(
    'views.*.table',
    views.map(([name, { table = name }]) => table),
    report,
  );
  for (const [name, view] of views) {
    const path = `views.${name}`;
    checkName(path, name, report);
    if (ownTopics.has(name)) report(path, 'the name is taken by a topic that every pipeline has');
    if (Object.hasOwn(definition.sources, name))
      report(path, 'a source has the same name; stages are named after both: rename one');
    if (view.table !== undefined && !tableShape.test(view.table))
      report(
        `${path}.table`,
        `"${view.table}" is no table: write NAME or SPACE.NAME of letters, digits and "_", SPACE at most 48, NAME at most 63`,
      );
    const problem = inputProblem(definition, name, view.from);
    if (problem !== undefined) report(`${path}.from`, problem);
    else
      checkView({ definition, view, report: (at, what) => report(at === '' ? path : `${path}.${at}`, what) });
  }
}
