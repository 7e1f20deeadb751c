/**
 * Generates the second step of decoding: values out of bytes that the walk has accepted, so that nothing here checks
 * or fails, except where a value cannot be expressed (a `ValueFault`).
 */
import type { Field } from '../schema.ts';
import { defaultOf } from './default-of.ts';
import type { Plan, RecordPlan, ValuePlan } from './resolution.ts';
import { textCache } from './text-cache.ts';
import { walkSchema, type WalkContext } from './walk.ts';

/** Expression that reads the value at `position`; the code behind it leaves `cursor.position` after the value. */
export function takeAt(context: WalkContext, plan: Plan, position: string): string {
  if (plan.kind === 'wrap') return `{ ${property(plan.key)}: ${takeAt(context, plan.plan, position)} }`;
  const name = context.source.function(plan, 'take', (own) => {
    return `function ${own}(B, p) {\nlet v;\n${take(context, plan, 'v')}\ncursor.position = p;\nreturn v; }`;
  });
  return `${name}(B, ${position})`;
}

/** The name as a key of an object literal; computed for `__proto__`, which would set the prototype otherwise. */
export function property(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
}

/** Expression for a default: a constant, or a call where the value is an object that must be fresh. */
export function defaultExpression(context: WalkContext, field: Field): string {
  const value = defaultOf(field.type, field.default ?? null);
  if (typeof value !== 'object' || value === null) return context.source.variable(value);
  return `${context.source.variable(() => defaultOf(field.type, field.default ?? null))}()`;
}

/** Expression for a string or fixed-size piece between two positions. */
export function pieceExpression(context: WalkContext, plan: ValuePlan, start: string, end: string): string {
  switch (plan.convert) {
    case 'decimal': {
      const { precision = 1, scale = 0 } = plan.reader as { precision?: number; scale?: number };
      const digits = { precision, scale, maxBytes: context.limits.maxDecimalBytes };
      return `decimalValue(B, ${start}, ${end}, ${context.source.variable(digits)})`;
    }
    case 'duration':
      return `durationValue(B, ${start})`;
    case 'uuid':
      return `uuidValue(B, ${start})`;
    case 'bytes':
      return `bytesValue(B, ${start}, ${end})`;
    default:
      return `utf8Text(B, ${start}, ${end})`;
  }
}

/** Expression for a string that was found to be ASCII, or not. */
export function textExpression(
  context: WalkContext,
  path: string,
  { start, end, ascii }: { start: string; end: string; ascii: string },
): string {
  const cache = context.source.variable(context.texts?.get(path) ?? textCache());
  return `(${ascii} ? cachedText(${cache}, B, ${start}, ${end}) : utf8Text(B, ${start}, ${end}))`;
}

function take(context: WalkContext, plan: Plan, into: string): string {
  switch (plan.kind) {
    case 'value':
      return takeValue(context, plan, into);
    case 'skip':
      return `const end = B.length; { ${walkSchema(context, plan.writer, '', plan.strict)} }`;
    case 'wrap':
    case 'record':
      return plan.kind === 'record' ? takeRecord(context, plan, into) : call(context, plan, into);
    case 'enum':
      return `${into} = ${context.source.variable(plan.symbols)}[numberAt(B, p)]; p = cursor.position;`;
    case 'union': {
      const index = context.source.unique('n');
      const cases = plan.branches.map((branch, number) =>
        branch === undefined ? '' : `case ${number}: { ${call(context, branch, into)} break; }`,
      );
      return `const ${index} = numberAt(B, p); p = cursor.position;\nswitch (${index}) { ${cases.join('\n')} }`;
    }
    case 'array':
      return takeBlocks(
        context,
        into,
        '[]',
        `let item; ${call(context, plan.item, 'item')} ${into}.push(item);`,
      );
    case 'map':
      return takeBlocks(
        context,
        into,
        'Object.create(null)',
        `const size = numberAt(B, p); p = cursor.position; const key = utf8Text(B, p, p + size); p += size;
let item; ${call(context, plan.value, 'item')} ${into}[key] = item;`,
      );
  }
}

function call(context: WalkContext, plan: Plan, into: string): string {
  if (plan.kind === 'value') return takeValue(context, plan, into);
  return `${into} = ${takeAt(context, plan, 'p')}; p = cursor.position;`;
}

function takeBlocks({ source }: WalkContext, into: string, empty: string, item: string): string {
  const [count, index] = [source.unique('n'), source.unique('i')];
  return `${into} = ${empty};
for (;;) {
let ${count} = numberAt(B, p); p = cursor.position;
if (${count} === 0) break;
if (${count} < 0) { ${count} = -${count}; numberAt(B, p); p = cursor.position; }
for (let ${index} = 0; ${index} < ${count}; ${index}++) { ${item} }
}`;
}

function takeRecord(context: WalkContext, plan: RecordPlan, into: string): string {
  const names = new Map<string, string>();
  const code = plan.fields.map((field) => {
    if (field.target === undefined) {
      return `{ const end = B.length; ${walkSchema(context, field.plan.kind === 'skip' ? field.plan.writer : plan.writer, '', false)} }`;
    }
    const name = context.source.unique('f');
    names.set(field.target, name);
    return `let ${name}; { ${call(context, field.plan, name)} }`;
  });
  for (const field of plan.defaults) names.set(field.name, defaultExpression(context, field));
  const entries = plan.order.map((name) => `${property(name)}: ${names.get(name)}`);
  return `${code.join('\n')}\n${into} = { ${entries.join(', ')} };`;
}

function takeValue(context: WalkContext, plan: ValuePlan, into: string): string {
  switch (plan.writer.type) {
    case 'null':
      return `${into} = null;`;
    case 'boolean':
      return `${into} = B[p++] === 1;`;
    case 'float':
      return `${into} = floatAt(B, p); p += 4;`;
    case 'double':
      return `${into} = doubleAt(B, p); p += 8;`;
    case 'int':
    case 'long':
      return `${into} = ${integerExpression(plan, 'p')}; p = cursor.position;`;
    case 'fixed': {
      const { size } = plan.writer;
      return `${into} = ${pieceExpression(context, plan, 'p', `(p + ${size})`)}; p += ${size};`;
    }
    default: {
      const length = context.source.unique('n');
      return `const ${length} = numberAt(B, p); p = cursor.position;
${into} = ${pieceExpression(context, plan, 'p', `(p + ${length})`)}; p += ${length};`;
    }
  }
}

/** Expression that reads an integer at `position` and moves `cursor.position` behind it. */
export function integerExpression(plan: ValuePlan, position: string): string {
  switch (plan.convert) {
    case 'bigint':
      return `bigintAt(B, ${position})`;
    case 'rounded':
      return `Number(bigintAt(B, ${position}))`;
    case 'float':
      return `Math.fround(numberAt(B, ${position}))`;
    case 'date':
      return `dateText(numberAt(B, ${position}))`;
    default:
      return `numberAt(B, ${position})`;
  }
}
