import { StreamsError } from '../errors.ts';
import { operandProblem } from './check-operands.ts';
import type { Expression, Operator } from './expression.ts';
import { shown } from './plain-data.ts';
import { pseudonymOf } from './pseudonym.ts';

export type Row = Record<string, unknown>;
export type Compiled = (row: Row) => unknown;

/** An expression nested deeper than this is a mistake or an attack; each level is a stack frame when it runs. */
export const maxExpressionDepth = 100;
/** Longer regular expressions have no business in a definition. */
export const maxPatternLength = 1_000;

type Constructor = (args: readonly Compiled[], source: readonly Expression[]) => Compiled;

const unary =
  (apply: (value: unknown) => unknown): Constructor =>
  ([a]) =>
  (row) => {
    const value = a!(row);
    return value == null ? null : apply(value);
  };

const binary =
  (apply: (a: unknown, b: unknown) => unknown): Constructor =>
  ([a, b]) =>
  (row) => {
    const left = a!(row);
    if (left == null) return null;
    const right = b!(row);
    return right == null ? null : apply(left, right);
  };

const numeric = (apply: (a: number, b: number) => number): Constructor =>
  binary((a, b) => {
    const result = apply(Number(a), Number(b));
    return Number.isFinite(result) ? result : null;
  });

const numericUnary = (apply: (a: number) => number): Constructor =>
  unary((a) => {
    const result = apply(Number(a));
    return Number.isFinite(result) ? result : null;
  });

const compare = (apply: (a: number | string, b: number | string) => boolean): Constructor =>
  binary((a, b) => apply(a as number | string, b as number | string));

const constantOf = (source: readonly Expression[], at: number): unknown => {
  const expression = source[at];
  return expression?.op === 'literal' ? expression.value : undefined;
};

const extreme =
  (better: (a: number, b: number) => boolean): Constructor =>
  (args) =>
  (row) => {
    let best: unknown = null;
    for (const arg of args) {
      const value = arg(row);
      if (value != null && (best === null || better(value as number, best as number))) best = value;
    }
    return best;
  };

const roundTo = (value: number, digits: number): number => {
  const scale = 10 ** digits;
  return (Math.sign(value) * Math.round(Math.abs(value) * scale)) / scale;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const operators: Record<Operator, Constructor> = {
  eq: (args, source) => {
    const [left, right] = source;
    if (left?.op === 'field' && right?.op === 'literal' && right.value !== null && !left.name.includes('.')) {
      // The commonest filter, on the hot path: no nested call.
      const { name } = left;
      const { value } = right;
      return (row) => {
        const found = row[name];
        return found == null ? null : found === value;
      };
    }
    return compare((a, b) => a === b)(args, source);
  },
  neq: compare((a, b) => a !== b),
  lt: compare((a, b) => a < b),
  lte: compare((a, b) => a <= b),
  gt: compare((a, b) => a > b),
  gte: compare((a, b) => a >= b),
  and: (args) => (row) => {
    for (const arg of args) if (arg(row) !== true) return false;
    return true;
  },
  or: (args) => (row) => {
    for (const arg of args) if (arg(row) === true) return true;
    return false;
  },
  not: unary((a) => a !== true),
  in: (args, source) => {
    const values = new Set(source.slice(1).map((_, index) => constantOf(source, index + 1)));
    const [value] = args;
    return (row) => {
      const found = value!(row);
      return found == null ? null : values.has(found);
    };
  },
  isNull:
    ([a]) =>
    (row) =>
      a!(row) == null,
  add: numeric((a, b) => a + b),
  subtract: numeric((a, b) => a - b),
  multiply: numeric((a, b) => a * b),
  divide: numeric((a, b) => a / b),
  modulo: numeric((a, b) => a % b),
  round: numeric(roundTo),
  floor: numericUnary(Math.floor),
  abs: numericUnary(Math.abs),
  least: extreme((a, b) => a < b),
  greatest: extreme((a, b) => a > b),
  concat: (args) => (row) => {
    let text = '';
    for (const arg of args) {
      const value = arg(row);
      if (value != null) text += String(value);
    }
    return text;
  },
  lower: unary((a) => String(a).toLowerCase()),
  upper: unary((a) => String(a).toUpperCase()),
  trim: unary((a) => String(a).trim()),
  length: unary((a) => (Array.isArray(a) ? a.length : String(a).length)),
  substring: (args, source) => {
    const end = constantOf(source, 2);
    const start = Number(constantOf(source, 1));
    return unary((a) => String(a).slice(start, end === null ? undefined : Number(end)))(args, source);
  },
  splitPart: (args, source) => {
    const separator = String(constantOf(source, 1));
    const index = Number(constantOf(source, 2));
    return unary((a) => String(a).split(separator, index + 1)[index] ?? null)(args, source);
  },
  startsWith: binary((a, b) => String(a).startsWith(String(b))),
  endsWith: binary((a, b) => String(a).endsWith(String(b))),
  contains: binary((a, b) => String(a).includes(String(b))),
  matches: (args, source) => {
    const pattern = String(constantOf(source, 1));
    if (pattern.length > maxPatternLength)
      throw new StreamsError(
        'STREAMS_EXPRESSION',
        `the pattern of matches() has ${pattern.length} characters, ${maxPatternLength} are allowed`,
      );
    const expression = new RegExp(pattern, 'u');
    return unary((a) => expression.test(String(a)))(args, source);
  },
  coalesce: (args) => (row) => {
    for (const arg of args) {
      const value = arg(row);
      if (value != null) return value;
    }
    return null;
  },
  when: (args) => (row) => {
    let at = 0;
    for (; at + 1 < args.length; at += 2) if (args[at]!(row) === true) return args[at + 1]!(row);
    return at < args.length ? args[at]!(row) : null;
  },
  toNumber: unary((a) => {
    if (typeof a === 'string' && a.trim() === '') return null;
    const value = Number(a);
    return Number.isFinite(value) ? value : null;
  }),
  toText: unary((a) => (typeof a === 'object' ? JSON.stringify(a) : String(a))),
  truncateTime: numeric((time, size) => Math.floor(time / size) * size),
  hourOfDay: numericUnary((time) => Math.floor((time - Math.floor(time / dayMs) * dayMs) / hourMs)),
  // The epoch was a Thursday.
  dayOfWeek: numericUnary((time) => ((((Math.floor(time / dayMs) + 3) % 7) + 7) % 7) + 1),
  isoDate: unary((time) => {
    const date = new Date(Number(time));
    return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10);
  }),
  mask: unary(pseudonymOf),
};

export const isOperator = (op: string): op is Operator => Object.hasOwn(operators, op);

/**
 * Turns an expression into a function of a row. It never throws on data: what has no answer (null, not a number) is null.
 * @throws STREAMS_EXPRESSION for an unknown operator, operands that it does not take, a pattern that is none, or nesting over
 * `maxExpressionDepth`.
 */
export function compileExpression(expression: Expression, depth = 0): Compiled {
  if (depth > maxExpressionDepth)
    throw new StreamsError(
      'STREAMS_EXPRESSION',
      `an expression is nested deeper than ${maxExpressionDepth} levels: derive a field for a part of it`,
    );
  if (expression?.op === 'literal') {
    const { value } = expression;
    if (value !== null && !['string', 'number', 'boolean'].includes(typeof value))
      throw new StreamsError(
        'STREAMS_EXPRESSION',
        `a literal is ${shown(value)}: write text, a number, true, false or null`,
      );
    return () => value;
  }
  if (expression?.op === 'field') return compileField(expression.name);
  if (typeof expression?.op !== 'string')
    throw new StreamsError(
      'STREAMS_EXPRESSION',
      `${shown(expression)} is no expression: make it with literal(…), field('a') and the like`,
    );
  if (!isOperator(expression.op))
    throw new StreamsError('STREAMS_EXPRESSION', `unknown operator "${expression.op}"`);
  const problem = operandProblem(expression.op, expression.args);
  if (problem !== undefined) throw new StreamsError('STREAMS_EXPRESSION', problem);
  const args = expression.args.map((arg) => compileExpression(arg, depth + 1));
  try {
    return operators[expression.op](args, expression.args);
  } catch (cause) {
    if (cause instanceof StreamsError) throw cause;
    throw new StreamsError('STREAMS_EXPRESSION', `${expression.op}(): ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Why something cannot be run as an expression; undefined when it can. */
export function expressionProblem(expression: unknown): string | undefined {
  try {
    compileExpression(expression as Expression);
    return undefined;
  } catch (error) {
    if (error instanceof StreamsError) return error.message;
    throw error;
  }
}

function compileField(name: string): Compiled {
  if (typeof name !== 'string' || name === '')
    throw new StreamsError('STREAMS_EXPRESSION', `a field's name is ${shown(name)}: write field('a')`);
  if (!name.includes('.')) return (row) => row[name] ?? null;
  const path = name.split('.');
  return (row) => {
    let value: unknown = row;
    for (const part of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null;
      value = (value as Row)[part];
    }
    return value ?? null;
  };
}

/** The whole paths (`a.b.c`) that an expression reads, each once. */
export function pathsOf(expression: Expression, into = new Set<string>()): Set<string> {
  if (expression.op === 'field') into.add(expression.name);
  else if (expression.op !== 'literal') for (const arg of expression.args) pathsOf(arg, into);
  return into;
}

/** The top-level fields of the row that an expression reads, each once. */
export function fieldsOf(expression: Expression, into = new Set<string>()): Set<string> {
  for (const path of pathsOf(expression)) into.add(path.split('.', 1)[0]!);
  return into;
}
