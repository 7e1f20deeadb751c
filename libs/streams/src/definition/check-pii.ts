import { elementFields, withoutNull, type AvroField, type AvroType } from './avro-types.ts';
import type { Expression } from './expression.ts';
import { isWindowed, sidesOf, type PipelineDefinition, type ViewDefinition } from './pipeline-definition.ts';
import { fieldsRead, inputFields } from './view-scope.ts';

/** Operators whose value tells nobody who it is about: what they read may be about a person. */
const revealsNothing = new Set([
  ...['mask', 'length', 'isNull', 'eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'and', 'or', 'not', 'in'],
  ...['startsWith', 'endsWith', 'contains', 'matches'],
]);
/** Aggregates that give out no value that went into them. */
const givesNothingOut = new Set(['count', 'distinct', 'rate', 'gaps', 'coverage', 'maxSpeed']);

type IsPersonal = (path: string) => boolean;

/**
 * Columns by which a view would give out a field that its schema marks `"pii": true`. Only what is masked, counted or
 * compared may leave the raw topic; results of views are checked where they are made.
 */
export function piiProblems(definition: PipelineDefinition): string[] {
  return Object.entries(definition.views ?? {}).flatMap(([name, view]) =>
    viewProblems(definition, name, view),
  );
}

function viewProblems(definition: PipelineDefinition, name: string, view: ViewDefinition): string[] {
  const isPersonal = inView(definition, view);
  const given: (readonly [place: string, column: string])[] = (view.by ?? []).map((key) => ['by', key]);
  if (isWindowed(view)) {
    for (const [column, aggregate] of Object.entries(view.select ?? {})) {
      if (givesNothingOut.has(aggregate.type)) continue;
      for (const read of fieldsRead(aggregate)) given.push([`select.${column}`, read]);
    }
  } else given.push(...(view.columns ?? []).map((column) => ['columns', column] as const));
  return given
    .filter(([, column]) => isPersonal(column))
    .map(
      ([place, column]) =>
        `views.${name}.${place}: "${column}" is about a person (pii in the schema of "${view.from}"): derive mask(field('${column}')) under another name and give out that`,
    );
}

/** Judges what a view's columns see: its input, flattened elements, derived fields. */
function inView(definition: PipelineDefinition, view: ViewDefinition): IsPersonal {
  const input = inInput(definition, view.from);
  const flattened = inputFields(definition, view.from).find(({ name }) => name === view.flatten);
  const elements = (flattened && elementFields(flattened.type)) ?? [];
  const derived = new Map<string, boolean>();
  const isPersonal: IsPersonal = (path) => {
    const [first = '', rest] = cut(path);
    return (
      derived.get(first) ??
      (elements.some(({ name }) => name === first) ? inFields(elements, first, rest) : input(path))
    );
  };
  for (const [name, expression] of Object.entries(view.derive ?? {}))
    derived.set(name, reveals(expression, isPersonal));
  return isPersonal;
}

/** Judges paths into the rows of a source, a view, a join or a process: of what own code returns, what its schema marks. */
function inInput(definition: PipelineDefinition, from: string): IsPersonal {
  const source = definition.sources?.[from];
  if (source !== undefined) return (path) => inFields(source.schema?.fields ?? [], ...cut(path));
  const process = definition.processes?.[from];
  if (process !== undefined) {
    const given = inInput(definition, process.from);
    return (path) => inFields(process.returns.fields, ...cut(path)) || given(path);
  }
  const join = definition.joins?.[from];
  if (join === undefined) return () => false;
  const sides = sidesOf(join);
  return (path) => {
    const [first, rest] = cut(path);
    const side = sides.find((name) => name === first);
    if (side !== undefined) return rest === undefined || inInput(definition, side)(rest);
    return join.on.includes(first) && sides.some((name) => inInput(definition, name)(first));
  };
}

function inFields(fields: readonly AvroField[], first: string, rest?: string): boolean {
  const found = fields.find(({ name }) => name === first);
  if (found === undefined) return false;
  if (found.pii === true) return true;
  const inner = recordFields(found.type);
  if (rest !== undefined) return inFields(inner, ...cut(rest));
  return inner.some(({ name }) => inFields(inner, name));
}

/** The fields of a record, or of the records in an array. */
function recordFields(avro: AvroType): readonly AvroField[] {
  const { type } = withoutNull(avro);
  if (typeof type !== 'object' || !('type' in type)) return [];
  return type.fields ?? elementFields(type) ?? [];
}

function reveals(expression: Expression, isPersonal: IsPersonal): boolean {
  if (expression.op === 'literal') return false;
  if (expression.op === 'field') return isPersonal(expression.name);
  const { op, args = [] } = expression;
  if (revealsNothing.has(op)) return false;
  const isCondition = (at: number) => op === 'when' && at % 2 === 0 && at < args.length - 1;
  return args.some((arg, at) => !isCondition(at) && reveals(arg, isPersonal));
}

function cut(path: string): [first: string, rest?: string] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path] : [path.slice(0, dot), path.slice(dot + 1)];
}
