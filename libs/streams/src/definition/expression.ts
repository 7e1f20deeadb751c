/** Expressions over the fields of a record, as plain data: they can be stored, drawn, compiled here and translated for other engines. */
export type Literal = string | number | boolean | null;

export type Operator =
  | 'eq'
  | 'neq'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'and'
  | 'or'
  | 'not'
  | 'in'
  | 'isNull'
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'modulo'
  | 'round'
  | 'floor'
  | 'abs'
  | 'least'
  | 'greatest'
  | 'concat'
  | 'lower'
  | 'upper'
  | 'trim'
  | 'length'
  | 'substring'
  | 'splitPart'
  | 'startsWith'
  | 'endsWith'
  | 'contains'
  | 'matches'
  | 'coalesce'
  | 'when'
  | 'toNumber'
  | 'toText'
  | 'truncateTime'
  | 'hourOfDay'
  | 'dayOfWeek'
  | 'isoDate'
  | 'mask';

declare const fieldsUsed: unique symbol;

/** `Fields` is the union of the field names used, known to the compiler only. */
export type Expression<Fields extends string = string> = (
  | { readonly op: 'field'; readonly name: string }
  | { readonly op: 'literal'; readonly value: Literal }
  | { readonly op: Operator; readonly args: readonly Expression[] }
) & { readonly [fieldsUsed]?: Fields };

/** An expression, or a constant in its place. */
export type Operand<Fields extends string = string> = Expression<Fields> | Literal;

const lift = (operand: Operand): Expression =>
  typeof operand === 'object' && operand !== null ? operand : { op: 'literal', value: operand };

const call = <F extends string>(op: Operator, ...operands: readonly Operand[]): Expression<F> =>
  ({ op, args: operands.map(lift) }) as Expression<F>;

/** The value of a field; `a.b` reads field `b` of the record in field `a`. */
export const field = <const F extends string>(name: F): Expression<F> =>
  ({ op: 'field', name }) as Expression<F>;
export const literal = (value: Literal): Expression<never> => ({ op: 'literal', value }) as Expression<never>;

// Comparison: null with anything gives null, which `where` treats as "no" (as SQL does).
export const eq = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('eq', a, b);
export const neq = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('neq', a, b);
export const lt = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('lt', a, b);
export const lte = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('lte', a, b);
export const gt = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('gt', a, b);
export const gte = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('gte', a, b);
export const isIn = <F extends string>(a: Operand<F>, values: readonly Literal[]) =>
  call<F>('in', a, ...values);
export const isNull = <F extends string>(a: Operand<F>) => call<F>('isNull', a);

export const and = <F extends string>(...all: readonly Operand<F>[]) => call<F>('and', ...all);
export const or = <F extends string>(...any: readonly Operand<F>[]) => call<F>('or', ...any);
export const not = <F extends string>(a: Operand<F>) => call<F>('not', a);

// Arithmetic: null with anything gives null; a division by zero gives null.
export const add = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('add', a, b);
export const subtract = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('subtract', a, b);
export const multiply = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('multiply', a, b);
export const divide = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('divide', a, b);
export const modulo = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('modulo', a, b);
/** Rounded to `digits` decimals (0 by default), halves away from zero. */
export const round = <F extends string>(a: Operand<F>, digits = 0) => call<F>('round', a, digits);
export const floor = <F extends string>(a: Operand<F>) => call<F>('floor', a);
export const abs = <F extends string>(a: Operand<F>) => call<F>('abs', a);
export const least = <F extends string>(...all: readonly Operand<F>[]) => call<F>('least', ...all);
export const greatest = <F extends string>(...all: readonly Operand<F>[]) => call<F>('greatest', ...all);

export const concat = <F extends string>(...parts: readonly Operand<F>[]) => call<F>('concat', ...parts);
export const lower = <F extends string>(a: Operand<F>) => call<F>('lower', a);
export const upper = <F extends string>(a: Operand<F>) => call<F>('upper', a);
export const trim = <F extends string>(a: Operand<F>) => call<F>('trim', a);
export const length = <F extends string>(a: Operand<F>) => call<F>('length', a);
/** UTF-16 units `[start, end)`. */
export const substring = <F extends string>(a: Operand<F>, start: number, end: number | null = null) =>
  call<F>('substring', a, start, end);
/** The `index`-th part (from 0) between separators; null when there are fewer. `splitPart(field('path'), '?', 0)` is a path without its query. */
export const splitPart = <F extends string>(a: Operand<F>, separator: string, index: number) =>
  call<F>('splitPart', a, separator, index);
export const startsWith = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('startsWith', a, b);
export const endsWith = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('endsWith', a, b);
export const contains = <F extends string>(a: Operand<F>, b: Operand<F>) => call<F>('contains', a, b);
/** Whether the regular expression (ECMAScript, flag `u`) matches somewhere. */
export const matches = <F extends string>(a: Operand<F>, pattern: string) => call<F>('matches', a, pattern);

/** The first operand that is not null. */
export const coalesce = <F extends string>(...all: readonly Operand<F>[]) => call<F>('coalesce', ...all);
/** `when(condition, value, otherwise)`, or pairs: `when(c1, v1, c2, v2, otherwise)`. */
export const when = <F extends string>(...branches: readonly Operand<F>[]) => call<F>('when', ...branches);
/** A number from text; null when it is none. */
export const toNumber = <F extends string>(a: Operand<F>) => call<F>('toNumber', a);
/** A keyed pseudonym: equal for equal values, and no way back to them; for what is about a person (see `pseudonymOf`). */
export const mask = <F extends string>(a: Operand<F>) => call<F>('mask', a);
export const toText = <F extends string>(a: Operand<F>) => call<F>('toText', a);

// Time: epoch milliseconds, UTC.
export const truncateTime = <F extends string>(a: Operand<F>, sizeMs: number) =>
  call<F>('truncateTime', a, sizeMs);
export const hourOfDay = <F extends string>(a: Operand<F>) => call<F>('hourOfDay', a);
/** 1 is Monday, 7 is Sunday (ISO 8601). */
export const dayOfWeek = <F extends string>(a: Operand<F>) => call<F>('dayOfWeek', a);
/** `2026-01-31`. */
export const isoDate = <F extends string>(a: Operand<F>) => call<F>('isoDate', a);
