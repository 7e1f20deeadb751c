import type { Expression, Literal, Operator } from './expression.ts';

/** How many operands an operator takes. */
type Count = readonly [least: number, most: number];
const one: Count = [1, 1];
const two: Count = [2, 2];
const any = Number.MAX_SAFE_INTEGER;

const counts: Readonly<Record<Operator, Count>> = {
  ...{ eq: two, neq: two, lt: two, lte: two, gt: two, gte: two, not: one, isNull: one },
  // Without any, `and` is true and `or` is false, so that conditions can be put together from a list.
  ...{ and: [0, any], or: [0, any], in: [2, any], coalesce: [1, any], when: [2, any] },
  ...{ add: two, subtract: two, multiply: two, divide: two, modulo: two, round: two },
  ...{ floor: one, abs: one, least: [1, any], greatest: [1, any] },
  ...{ concat: [1, any], lower: one, upper: one, trim: one, length: one, substring: [3, 3] },
  ...{ splitPart: [3, 3], startsWith: two, endsWith: two, contains: two, matches: two },
  ...{
    toNumber: one,
    toText: one,
    truncateTime: two,
    hourOfDay: one,
    dayOfWeek: one,
    isoDate: one,
    mask: one,
  },
};

interface Constant {
  readonly at: number;
  readonly what: string;
  readonly fits: (value: Literal) => boolean;
}
const text = (at: number): Constant => ({ at, what: 'text', fits: (value) => typeof value === 'string' });
const whole = (at: number): Constant => ({ at, what: 'a whole number', fits: Number.isSafeInteger });

/** Operands that are read once, before there is a row. */
const constants: Readonly<Partial<Record<Operator, readonly Constant[]>>> = {
  matches: [text(1)],
  substring: [
    whole(1),
    {
      at: 2,
      what: 'a whole number or null',
      fits: (value) => value === null || Number.isSafeInteger(value),
    },
  ],
  splitPart: [
    text(1),
    {
      at: 2,
      what: 'a whole number ≥ 0',
      fits: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
    },
  ],
  truncateTime: [
    {
      at: 1,
      what: 'a number of milliseconds > 0',
      fits: (value) => typeof value === 'number' && value > 0,
    },
  ],
};

/** Why an operator cannot be given these operands; undefined when it can. */
export function operandProblem(op: Operator, args: unknown): string | undefined {
  if (!Array.isArray(args)) return `${op}() has no list of operands in \`args\``;
  const [least, most] = counts[op];
  if (args.length < least || args.length > most)
    return `${op}() takes ${least === most ? least : `at least ${least}`} operands and has ${args.length}`;
  const wanted = constants[op] ?? (op === 'in' ? args.slice(1).map((_, at) => literalAt(at + 1)) : []);
  const wrong = wanted.find(({ at, fits }) => {
    const arg = args[at] as Expression | null;
    return arg?.op !== 'literal' || !fits(arg.value);
  });
  return wrong && `${op}() has an operand ${wrong.at + 1} that is not ${wrong.what}, written out`;
}

const literalAt = (at: number): Constant => ({ at, what: 'a value', fits: () => true });
