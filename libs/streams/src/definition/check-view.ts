import { createOperator, takesNumbers, tumbling } from '@millrace/windowing';
import type { Aggregates, Window } from '@millrace/windowing';
import { needsRepartition } from '../topology/topology.ts';
import { elementFields } from './avro-types.ts';
import { conditionMisfit, misfitIn, unknownField } from './check-expression.ts';
import { checkDistinct, checkDuration, checkName } from './check-names.ts';
import type { Report } from './check-names.ts';
import { isWindowed } from './pipeline-definition.ts';
import type { PipelineDefinition, RowsView, ViewDefinition, WindowedView } from './pipeline-definition.ts';
import { expressionType } from './scope.ts';
import type { Scope } from './scope.ts';
import { fieldsRead, inputFields, inputScope, resultScope, viewScope } from './view-scope.ts';

const stateColumns = ['state', 'revision', 'watermark'];
const reserved = new Set(['windowStart', 'windowEnd', ...stateColumns]);
/** Windows that depend on the order of a key's records: parts of them cannot be added up before a shuffle. */
const keyedWindows = new Set(['session', 'sliding', 'count']);

/** What a view is looked at with; `report` takes the place in the view. */
interface Looked<View extends ViewDefinition = ViewDefinition> {
  readonly definition: PipelineDefinition;
  readonly view: View;
  readonly report: Report;
}

/** Why a view whose input is known cannot run, each by the place in the view. */
export function checkView(looked: Looked): void {
  const { definition, view, report } = looked;
  checkFlatten(looked);
  const given = viewScope(definition, { ...view, derive: {} });
  checkNewFields('derive', view.derive, given, report);
  const scope = viewScope(definition, view);
  if (view.where !== undefined) reportIf('where', conditionMisfit(view.where, scope), report);
  for (const key of view.by ?? []) {
    checkName('by', key, report);
    const type = scope.get(key)?.type;
    if (type === undefined) report('by', unknownField(key, scope));
    if (type === 'double' || type === 'json')
      report('by', `"${key}" is ${type}, which is no key: derive a string or a whole number from it`);
  }
  checkDuration('retentionMs', view.retentionMs, report);
  if (isWindowed(view)) checkWindowed({ definition, view, report }, scope);
  else checkRows({ definition, view, report }, scope);
}

function checkWindowed({ definition, view, report }: Looked<WindowedView>, scope: Scope): void {
  const { by = [], select, compute = {}, units = {}, window } = view;
  for (const key of by)
    if (reserved.has(key)) report('by', `"${key}" is a column that every result has: derive another name`);
  checkEngine('window', { window, aggregates: {} }, report);
  if (window.type === 'session' && typeof window.gapMs === 'string')
    reportIf('window.gapMs', numberMisfit(window.gapMs, scope), report);
  checkDuration('graceMs', view.graceMs, report);
  if (view.emit !== undefined && view.emit !== 'onClose' && view.emit !== 'onUpdate')
    report('emit', `"${String(view.emit)}" is neither "onClose" nor "onUpdate"`);
  if (needsRepartition(definition, view) && keyedWindows.has(window.type))
    report(
      'window',
      `${window.type} windows need all records of a key in one partition; have the producer partition by fields of \`by\` and say so in the source's partitionedBy`,
    );
  checkSelect(view, scope, report);
  for (const name of stateColumns)
    if (Object.hasOwn(compute, name)) report(`compute.${name}`, 'the name is taken by another column');
  checkNewFields('compute', compute, resultScope(definition, { ...view, compute: {} }), report);
  const results = resultScope(definition, view);
  if (view.having !== undefined) reportIf('having', conditionMisfit(view.having, results), report);
  for (const name of Object.keys(units))
    if (!Object.hasOwn(select, name) && !Object.hasOwn(compute, name))
      report(
        'units',
        `there is no column "${name}" in select and compute; there are ${Object.keys({ ...select, ...compute }).join(', ')}`,
      );
  checkDistinct('', [...results.keys(), ...stateColumns], report);
}

function checkRows({ view, report }: Looked<RowsView>, scope: Scope): void {
  const { by, columns, time } = view;
  if (by.length === 0) report('by', 'a view without window needs key columns');
  for (const name of columns)
    if (scope.has(name)) checkName('columns', name, report);
    else report('columns', unknownField(name, scope));
  checkDistinct('', [...new Set([...by, ...columns])], report);
  if (time === undefined) return;
  const column = scope.get(time);
  if (!columns.includes(time)) report('time', `"${time}" is none of the columns ${columns.join(', ')}`);
  else if (by.includes(time)) report('time', `"${time}" is in \`by\` too; name it once`);
  else if (column !== undefined && (column.type !== 'timestamp' || column.nullable))
    report(
      'time',
      `"${time}" is ${column.nullable ? 'nullable' : column.type}; it must always hold a timestamp`,
    );
}

function checkFlatten({ definition, view, report }: Looked): void {
  if (view.flatten === undefined) return;
  const fields = inputFields(definition, view.from);
  const flattened = fields.find(({ name }) => name === view.flatten);
  const scope = inputScope(definition, view.from);
  if (!scope.has(view.flatten)) report('flatten', unknownField(view.flatten, scope));
  else if (flattened === undefined)
    report(
      'flatten',
      `"${view.from}" is not a source: only fields of sources and of what own code returns can be flattened`,
    );
  else if (elementFields(flattened.type) === undefined)
    report('flatten', `field "${view.flatten}" is not an array of records`);
}

/** A new field sees those before it, not itself and not those after it. Puts the new ones into `visible`. */
function checkNewFields(
  path: string,
  expressions: ViewDefinition['derive'],
  visible: Scope,
  report: Report,
): void {
  for (const [name, expression] of Object.entries(expressions ?? {})) {
    const at = `${path}.${name}`;
    checkName(at, name, report);
    if (visible.has(name))
      report(at, `the name is taken by another column: whoever reads "${name}" could mean either; rename it`);
    const problem = misfitIn(expression, visible);
    if (problem === undefined) visible.set(name, expressionType(expression, visible));
    else report(at, problem);
  }
}

function checkSelect({ by = [], select }: WindowedView, scope: Scope, report: Report): void {
  if (Object.keys(select).length === 0) report('select', 'selects nothing; add count() at least');
  for (const [name, aggregate] of Object.entries(select)) {
    const at = `select.${name}`;
    checkName(at, name, report);
    if (reserved.has(name) || by.includes(name)) report(at, 'the name is taken by another column');
    checkEngine(at, { window: tumbling({ sizeMs: 1 }), aggregates: { [name]: aggregate } }, report);
    for (const named of fieldsRead(aggregate))
      if (!scope.has(named)) report(at, unknownField(named, scope));
      else if (takesNumbers(aggregate)) reportIf(at, numberMisfit(named, scope), report);
  }
}

/** Rows whose field is no number would all be set aside. */
function numberMisfit(name: string, scope: Scope): string | undefined {
  const type = scope.get(name)?.type;
  if (type === undefined) return unknownField(name, scope);
  if (type === 'string') return `"${name}" is text and has to be a number: derive toNumber(field('${name}'))`;
  return type === 'boolean'
    ? `"${name}" is true or false and has to be a number: derive when(field('${name}'), 1, 0)`
    : undefined;
}

/** The engine knows best what it can run. */
function checkEngine(
  at: string,
  options: { window: Window; aggregates: Aggregates<never> },
  report: Report,
): void {
  try {
    createOperator<never>(options, { onResult: () => undefined });
  } catch (error) {
    report(at, (error as Error).message);
  }
}

function reportIf(at: string, problem: string | undefined, report: Report): void {
  if (problem !== undefined) report(at, problem);
}
