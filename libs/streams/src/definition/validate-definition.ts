import { createOperator, tumbling } from '@millrace/windowing';
import type { Aggregates, Window } from '@millrace/windowing';
import { DefinitionError } from '../errors.ts';
import { piiProblems } from './check-pii.ts';
import { compileExpression, fieldsOf } from './compile-expression.ts';
import { elementFields } from './avro-types.ts';
import type { Expression } from './expression.ts';
import { isGlobalTable, isWindowed } from './pipeline-definition.ts';
import type {
  PipelineDefinition,
  RowsView,
  SourceDefinition,
  ViewDefinition,
  WindowedView,
} from './pipeline-definition.ts';
import { inputProblem } from './check-input.ts';
import { joinProblems } from './check-joins.ts';
import { processRowProblems, processProblems } from './check-processes.ts';
import { shapeProblems } from './check-shape.ts';
import { eventTimeOf, expressionType, sourceScope } from './scope.ts';
import type { Scope } from './scope.ts';
import { fieldsRead, inputFields, inputScope, resultScope, viewScope } from './view-scope.ts';
import { needsRepartition } from '../topology/topology.ts';

/** Kafka allows 249 characters in a topic name, Cassandra 48 in a table or column name: the smaller one for all. */
export const maxNameLength = 48;
const nameShape = /^[A-Za-z][A-Za-z0-9_]*$/;
/** A pipeline's name stands in topic names only. */
const pipelineNameShape = /^[A-Za-z][A-Za-z0-9_-]*$/;
/** `NAME` or `SPACE.NAME`: Cassandra's limit for the keyspace, Postgres's for the table. */
const tableShape = /^([A-Za-z][A-Za-z0-9_]{0,47}\.)?[A-Za-z][A-Za-z0-9_]{0,62}$/;
const reserved = new Set(['windowStart', 'windowEnd', 'state', 'revision', 'watermark']);
/** Windows that depend on the order of a key's records: parts of them cannot be added up before a shuffle. */
const keyedWindows = new Set(['session', 'sliding', 'count']);
const ownTopics = new Set(['late', 'rejected', 'dead-letter']);

type Report = (path: string, problem: string) => void;

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
  checkName('name', definition.name, report, pipelineNameShape);
  const sources = Object.entries(definition.sources ?? {});
  const views = Object.entries(definition.views ?? {});
  if (sources.length === 0) report('sources', 'there are none; name at least one topic');
  if (views.length === 0) report('views', 'there are none; add what is to be computed');
  if (problems.length > 0) return problems;
  for (const [name, source] of sources)
    checkSource(name, source, { report, isGlobal: isGlobalTable(definition, name) });
  checkTopics(sources, report);
  for (const name of Object.keys(definition.joins ?? {})) checkName(`joins.${name}`, name, report);
  for (const name of Object.keys(definition.processes ?? {})) checkName(`processes.${name}`, name, report);
  for (const problemsOf of [processProblems, joinProblems, processRowProblems]) {
    const found = problems.length > 0 ? [] : problemsOf(definition);
    for (const [path, problem] of found) report(path, problem);
    // What reads a join or process that cannot run would only repeat its problems.
    if (found.length > 0) return problems;
  }
  checkDistinct('views', Object.keys(definition.views ?? {}), report);
  checkDistinct(
    'views.*.table',
    views.map(([name, { table = name }]) => table),
    report,
  );
  for (const [name, view] of views) {
    checkName(`views.${name}`, name, report);
    if (ownTopics.has(name)) report(`views.${name}`, 'the name is taken by a topic that every pipeline has');
    if (name in definition.sources)
      report(`views.${name}`, 'a source has the same name; stages are named after both: rename one');
    if (view.table !== undefined && !tableShape.test(view.table))
      report(
        `views.${name}.table`,
        `"${view.table}" is no table: write NAME or SPACE.NAME of letters, digits and "_", SPACE at most 48, NAME at most 63`,
      );
    const problem = inputProblem(definition, name, view.from);
    if (problem === undefined) checkView(`views.${name}`, definition, view, report);
    else report(`views.${name}.from`, problem);
  }
  return [...problems, ...piiProblems(definition)];
}

/** @throws DefinitionError (STREAMS_DEFINITION) with all problems at once */
export function checkDefinition(definition: PipelineDefinition): void {
  const problems = validateDefinition(definition);
  if (problems.length > 0)
    throw new DefinitionError(String((definition as PipelineDefinition | null)?.name), problems);
}

function checkName(path: string, name: unknown, report: Report, shape = nameShape): void {
  if (typeof name !== 'string' || !shape.test(name) || name.length > maxNameLength)
    report(
      path,
      `"${String(name)}" is not a name: a letter, then letters, digits or "_", at most ${maxNameLength} in all`,
    );
}

/** Offsets are committed by topic: two sources of one would take each other's. */
function checkTopics(sources: readonly (readonly [string, SourceDefinition])[], report: Report): void {
  const names = new Map<string, string>();
  for (const [name, { topic }] of sources) {
    const other = names.get(topic);
    if (other !== undefined)
      report(`sources.${name}.topic`, `"${topic}" is that of "${other}" too: let all views read one source`);
    names.set(topic, name);
  }
}

/** Tables of SQL and Cassandra do not tell upper from lower case. */
function checkDistinct(path: string, names: readonly string[], report: Report): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined)
      report(path, `"${name}" and "${other}" differ in upper and lower case only: rename one`);
    seen.set(name.toLowerCase(), name);
  }
}

function checkDuration(path: string, value: unknown, report: Report): void {
  if (value !== undefined && !(typeof value === 'number' && Number.isSafeInteger(value) && value >= 0))
    report(path, `${String(value)} is not a number of milliseconds ≥ 0`);
}

function checkSource(
  name: string,
  source: SourceDefinition,
  { report, isGlobal }: { readonly report: Report; readonly isGlobal: boolean },
): void {
  const path = `sources.${name}`;
  checkName(path, name, report);
  if (typeof source.topic !== 'string' || source.topic === '') report(`${path}.topic`, 'names no topic');
  if (source.schema?.type !== 'record' || !Array.isArray(source.schema.fields))
    return report(`${path}.schema`, 'is not an Avro record schema');
  const scope = sourceScope(source);
  const eventTime = eventTimeOf(source);
  if (eventTime === undefined) {
    // A global table counts as it is, whatever the time.
    if (isGlobal) return;
    report(
      `${path}.eventTime`,
      'is missing; name the field, or mark one in the schema with "eventTime": true',
    );
  } else {
    const type = scope.get(eventTime)?.type;
    if (type === undefined) report(`${path}.eventTime`, unknownField(eventTime, scope));
    else if (type !== 'timestamp' && type !== 'long')
      report(`${path}.eventTime`, `field "${eventTime}" is ${type}; it must hold epoch milliseconds`);
  }
  checkDuration(`${path}.outOfOrderMs`, source.outOfOrderMs, report);
  checkDuration(`${path}.idleAfterMs`, source.idleAfterMs, report);
  checkDuration(`${path}.maxFutureMs`, source.maxFutureMs, report);
  for (const key of source.partitionedBy ?? [])
    if (!scope.has(key)) report(`${path}.partitionedBy`, unknownField(key, scope));
}

function checkView(path: string, definition: PipelineDefinition, view: ViewDefinition, report: Report): void {
  checkFlatten(path, definition, view, report);
  const scope = viewScope(definition, view);
  checkNewFields(`${path}.derive`, view.derive, viewScope(definition, { ...view, derive: {} }), report);
  checkCondition(`${path}.where`, view.where, scope, report);
  for (const key of view.by ?? []) {
    checkName(`${path}.by`, key, report);
    const type = scope.get(key)?.type;
    if (type === undefined) report(`${path}.by`, unknownField(key, scope));
    if (type === 'double' || type === 'json')
      report(`${path}.by`, `"${key}" is ${type}, which is no key: derive a string or a whole number from it`);
    if (isWindowed(view) && reserved.has(key))
      report(`${path}.by`, `"${key}" is a column that every result has: derive another name`);
  }
  checkDuration(`${path}.retentionMs`, view.retentionMs, report);
  if (isWindowed(view)) {
    checkEngine(`${path}.window`, { window: view.window, aggregates: {} }, report);
    checkDuration(`${path}.graceMs`, view.graceMs, report);
    if (view.emit !== undefined && view.emit !== 'onClose' && view.emit !== 'onUpdate')
      report(`${path}.emit`, `"${String(view.emit)}" is neither "onClose" nor "onUpdate"`);
    if (needsRepartition(definition, view) && keyedWindows.has(view.window?.type))
      report(
        `${path}.window`,
        `${view.window.type} windows need all records of a key in one partition; have the producer partition by fields of \`by\` and say so in the source's partitionedBy`,
      );
    checkSelect(path, view.select, view.by ?? [], scope, report);
    const { by = [], select = {}, compute = {} } = view;
    for (const name of Object.keys(compute))
      if (reserved.has(name) || by.includes(name) || name in select)
        report(`${path}.compute.${name}`, 'the name is taken by another column');
    const results = resultScope(definition, view);
    checkNewFields(`${path}.compute`, compute, resultScope(definition, { ...view, compute: {} }), report);
    checkCondition(`${path}.having`, view.having, results, report);
    checkDistinct(path, [...results.keys(), 'state', 'revision', 'watermark'], report);
  } else {
    for (const name of ['compute', 'having'])
      if (name in view) report(`${path}.${name}`, 'is for windows; a view without one has derive and where');
    if (view.by.length === 0) report(`${path}.by`, 'a view without window needs key columns');
    for (const name of view.columns)
      if (!scope.has(name)) report(`${path}.columns`, unknownField(name, scope));
    if (view.time !== undefined) checkTime(`${path}.time`, view, scope, report);
  }
}

function checkTime(path: string, { time = '', by, columns }: RowsView, scope: Scope, report: Report): void {
  const column = scope.get(time);
  if (!columns.includes(time)) report(path, `"${time}" is none of the columns ${columns.join(', ')}`);
  else if (by.includes(time)) report(path, `"${time}" is in \`by\` too; name it once`);
  else if (column !== undefined && (column.type !== 'timestamp' || column.nullable))
    report(
      path,
      `"${time}" is ${column.nullable ? 'nullable' : column.type}; it must always hold a timestamp`,
    );
}

function checkFlatten(
  path: string,
  definition: PipelineDefinition,
  view: ViewDefinition,
  report: Report,
): void {
  if (view.flatten === undefined) return;
  const fields = inputFields(definition, view.from);
  const flattened = fields.find(({ name }) => name === view.flatten);
  const scope = inputScope(definition, view.from);
  if (!scope.has(view.flatten)) report(`${path}.flatten`, unknownField(view.flatten, scope));
  else if (flattened === undefined)
    report(
      `${path}.flatten`,
      `"${view.from}" is not a source: only fields of sources and of what own code returns can be flattened`,
    );
  else if (elementFields(flattened.type) === undefined)
    report(`${path}.flatten`, `field "${view.flatten}" is not an array of records`);
}

/** A new field sees those before it, not itself and not those after it. Puts the new ones into `visible`. */
function checkNewFields(
  path: string,
  expressions: ViewDefinition['derive'],
  visible: Scope,
  report: Report,
): void {
  for (const [name, expression] of Object.entries(expressions ?? {})) {
    checkName(path, name, report);
    if (checkExpression(`${path}.${name}`, expression, visible, report))
      visible.set(name, expressionType(expression, visible));
  }
}

function checkCondition(path: string, condition: Expression | undefined, scope: Scope, report: Report): void {
  if (condition === undefined || !checkExpression(path, condition, scope, report)) return;
  if (expressionType(condition, scope).type !== 'boolean')
    report(path, 'is not a condition: it has no boolean value');
}

/** The engine knows best what it can run. */
function checkEngine(
  path: string,
  options: { window: Window; aggregates: Aggregates<never> },
  report: Report,
): void {
  try {
    createOperator<never>(options, { onResult: () => undefined });
  } catch (error) {
    report(path, (error as Error).message);
  }
}

function checkSelect(
  path: string,
  select: WindowedView['select'],
  by: readonly string[],
  scope: Scope,
  report: Report,
): void {
  const aggregates = Object.entries(select ?? {});
  if (aggregates.length === 0) report(`${path}.select`, 'selects nothing; add count() at least');
  for (const [name, aggregate] of aggregates) {
    const at = `${path}.select.${name}`;
    checkName(at, name, report);
    if (reserved.has(name) || by.includes(name)) report(at, 'the name is taken by another column');
    checkEngine(at, { window: tumbling({ sizeMs: 1 }), aggregates: { [name]: aggregate } }, report);
    if (typeof aggregate?.of === 'function')
      report(at, 'reads its input by a function, which is not data: name a field');
    for (const named of fieldsRead(aggregate)) if (!scope.has(named)) report(at, unknownField(named, scope));
  }
}

/** Whether the expression can be run at all. */
function checkExpression(path: string, expression: Expression, scope: Scope, report: Report): boolean {
  try {
    compileExpression(expression);
    for (const name of fieldsOf(expression)) if (!scope.has(name)) report(path, unknownField(name, scope));
    return true;
  } catch (error) {
    report(path, (error as Error).message);
    return false;
  }
}

function unknownField(name: string, scope: Scope): string {
  return `there is no field "${name}"; there are ${[...scope.keys()].join(', ')}`;
}
