import type { ColumnType } from './avro-types.ts';
import type { Expression } from './expression.ts';
import { expressionType } from './scope.ts';
import type { Scope } from './scope.ts';

const comparisons = new Set(['eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in']);

/** Values of different classes are never equal, and none is before the other; of `json` nothing is known. */
const classes: Readonly<Record<ColumnType, string | undefined>> = {
  ...{ string: 'text', boolean: 'true or false', json: undefined },
  ...{ long: 'a number', double: 'a number', timestamp: 'a number' },
};

export const unknownField = (name: string, scope: Scope): string =>
  `there is no field "${name}"; there are ${[...scope.keys()].join(', ')}`;

/** Why an expression does not go with the fields that it sees; undefined when it does. */
export function misfitIn(expression: Expression, scope: Scope): string | undefined {
  if (expression.op === 'literal') return undefined;
  if (expression.op === 'field') return unknownPath(expression.name, scope);
  const { op, args } = expression;
  for (const arg of args) {
    const problem = misfitIn(arg, scope);
    if (problem !== undefined) return problem;
  }
  const mixed = mixedMisfit(op, comparisons.has(op) ? args : valuesOf(op, args), scope);
  if (mixed !== undefined) return mixed;
  const wrong = conditionsOf(op, args).find(
    (arg) => !['true or false', undefined].includes(classOf(arg, scope)),
  );
  return (
    wrong &&
    `${op}() asks whether something is true, and ${told(wrong)} is ${classOf(wrong, scope)}: compare it with something`
  );
}

/** Likewise for one that decides. */
export function conditionMisfit(condition: Expression, scope: Scope): string | undefined {
  return (
    misfitIn(condition, scope) ??
    (expressionType(condition, scope).type === 'boolean'
      ? undefined
      : 'is not a condition: it has no boolean value')
  );
}

function mixedMisfit(op: string, values: readonly Expression[], scope: Scope): string | undefined {
  const known = values.filter((value) => classOf(value, scope) !== undefined);
  const [first] = known;
  const other = known.find((value) => classOf(value, scope) !== classOf(first!, scope));
  return (
    other &&
    `${op}() has ${told(first!)}, which is ${classOf(first!, scope)}, beside ${told(other)}, which is ${classOf(other, scope)}: make one of them what the other is, with toText() or toNumber()`
  );
}

/** The operands of which one is the value. */
const valuesOf = (op: string, args: readonly Expression[]): readonly Expression[] => {
  if (op === 'coalesce' || op === 'least' || op === 'greatest') return args;
  return op === 'when' ? args.filter((_, at) => at % 2 === 1 || at === args.length - 1) : [];
};

/** The operands that decide. */
const conditionsOf = (op: string, args: readonly Expression[]): readonly Expression[] => {
  if (op === 'and' || op === 'or' || op === 'not') return args;
  return op === 'when' ? args.filter((_, at) => at % 2 === 0 && at + 1 < args.length) : [];
};

const classOf = (expression: Expression, scope: Scope): string | undefined =>
  expression.op === 'literal' && expression.value === null
    ? undefined
    : classes[expressionType(expression, scope).type];

function told(expression: Expression): string {
  if (expression.op === 'literal') return JSON.stringify(expression.value);
  return expression.op === 'field' ? `field "${expression.name}"` : `${expression.op}()`;
}

/** Looks into records as far as their fields are known. */
function unknownPath(path: string, scope: Scope): string | undefined {
  const [first = '', ...inner] = path.split('.');
  let field = scope.get(first);
  if (field === undefined) return unknownField(first, scope);
  let way = first;
  for (const name of inner) {
    if (field.type !== 'json') return `"${way}" is ${field.type}, and so has no field "${name}"`;
    if (field.fields === undefined) return undefined;
    const next = field.fields.get(name);
    if (next === undefined)
      return `"${way}" has no field "${name}"; it has ${[...field.fields.keys()].join(', ')}`;
    field = next;
    way += `.${name}`;
  }
  return undefined;
}
