/**
 * Generates a walk that remembers, in local variables, what will be read: numbers as they are, strings as positions.
 * The values are made by the expressions it returns, once the whole payload has been walked.
 */
import type { Plan, RecordPlan, UnionPlan } from './resolution.ts';
import { pathText } from './source.ts';
import {
  defaultExpression,
  integerExpression,
  pieceExpression,
  property,
  takeAt,
  textExpression,
} from './take.ts';
import {
  walkBoolean,
  walkFixed,
  walkInt,
  walkLength,
  walkLong,
  walkPlan,
  walkSymbol,
  walkText,
  type WalkContext,
} from './walk.ts';

export interface Capture {
  /** Declarations that must stand at the start of the function. */
  readonly declare: string;
  readonly walk: string;
  /** Expression for the value, valid after the walk. */
  readonly value: string;
}

/** Fields of a record by the reader's name: their walks in the writer's order, their values by name. */
export function captureFields(
  context: WalkContext,
  plan: RecordPlan,
  path: string,
): { declare: string; walk: string; values: Map<string, string> } {
  const declare: string[] = [];
  const walk: string[] = [];
  const values = new Map<string, string>();
  for (const field of plan.fields) {
    const inner = `${path}.${field.name}`;
    if (field.target === undefined) walk.push(`{ ${walkPlan(context, field.plan, inner)} }`);
    else {
      const captured = capture(context, field.plan, inner);
      declare.push(captured.declare);
      walk.push(`{ ${captured.walk} }`);
      values.set(field.target, captured.value);
    }
  }
  for (const field of plan.defaults) values.set(field.name, defaultExpression(context, field));
  return { declare: declare.join('\n'), walk: walk.join('\n'), values };
}

export function capture(context: WalkContext, plan: Plan, path: string): Capture {
  switch (plan.kind) {
    case 'wrap': {
      const inner = capture(context, plan.plan, path);
      return { ...inner, value: `{ ${property(plan.key)}: ${inner.value} }` };
    }
    case 'record': {
      if (context.shared.has(plan.writer)) return capturePosition(context, plan, path);
      const { declare, walk, values } = captureFields(context, plan, path);
      const entries = plan.order.map((name) => `${property(name)}: ${values.get(name)}`);
      return { declare, walk, value: `{ ${entries.join(', ')} }` };
    }
    case 'union':
      return captureNullable(context, plan, path) ?? capturePosition(context, plan, path);
    case 'enum': {
      const index = context.source.unique('v');
      const walked = walkSymbol(context, plan.symbols, path);
      return {
        declare: `let ${index} = 0;`,
        walk: `${walked.code}\n${index} = ${walked.name};`,
        value: `${walked.symbols}[${index}]`,
      };
    }
    case 'value':
      return captureValue(context, plan, path);
    default:
      return capturePosition(context, plan, path);
  }
}

function captureValue(context: WalkContext, plan: Extract<Plan, { kind: 'value' }>, path: string): Capture {
  const name = context.source.unique('v');
  const declare = `let ${name} = 0;`;
  switch (plan.writer.type) {
    case 'null':
      return { declare: '', walk: '', value: 'null' };
    case 'boolean':
      return { declare, walk: `${walkBoolean(path)} ${name} = B[p - 1];`, value: `(${name} === 1)` };
    case 'float':
      return { declare, walk: `${name} = p; ${walkFixed(path, 4)}`, value: `floatAt(B, ${name})` };
    case 'double':
      return { declare, walk: `${name} = p; ${walkFixed(path, 8)}`, value: `doubleAt(B, ${name})` };
    case 'int':
      if (plan.convert === 'same') return { declare, walk: walkInt(path, name), value: name };
      return { declare, walk: `${name} = p; ${walkInt(path)}`, value: integerExpression(plan, name) };
    case 'long':
      if (plan.convert === 'same') return { declare, walk: walkLong(path, true, name), value: name };
      return { declare, walk: `${name} = p; ${walkLong(path, false)}`, value: integerExpression(plan, name) };
    case 'string': {
      if (plan.convert !== 'same') return capturePiece(context, plan, path);
      const [end, ascii] = [context.source.unique('e'), context.source.unique('a')];
      return {
        declare: `let ${name} = 0, ${end} = 0, ${ascii} = false;`,
        walk: walkText(context, path, { start: name, end, ascii }),
        value: textExpression(context, path, { start: name, end, ascii }),
      };
    }
    case 'fixed': {
      const { size } = plan.writer;
      const value = pieceExpression(context, plan, name, `(${name} + ${size})`);
      return { declare, walk: `${name} = p; ${walkFixed(path, size)}`, value };
    }
    default:
      return capturePiece(context, plan, path);
  }
}

/** Bytes, and strings read as something else. */
function capturePiece(context: WalkContext, plan: Extract<Plan, { kind: 'value' }>, path: string): Capture {
  const [start, end] = [context.source.unique('v'), context.source.unique('e')];
  const before = context.source.unique('q');
  return {
    declare: `let ${start} = 0, ${end} = 0;`,
    walk: `const ${before} = p; ${walkPlan(context, plan, path)} ${end} = p; numberAt(B, ${before}); ${start} = cursor.position;`,
    value: pieceExpression(context, plan, start, end),
  };
}

/** Unions of null and one other branch, which most unions are. */
function captureNullable(context: WalkContext, plan: UnionPlan, path: string): Capture | undefined {
  const [first, second] = plan.branches;
  if (plan.branches.length !== 2 || first === undefined || second === undefined) return undefined;
  const isNull = (branch: Plan) => branch.kind === 'value' && branch.writer.type === 'null';
  if (isNull(first) === isNull(second)) return undefined;
  const present = isNull(first) ? 1 : 0;
  const inner = capture(context, present === 1 ? second : first, path);
  const flag = context.source.unique('h');
  const branch = walkLength(context, path);
  return {
    declare: `let ${flag} = false;\n${inner.declare}`,
    walk: `${branch.code}
if (${branch.name} > 1) return fail('AVRO_UNION_INDEX', ${pathText(path)}, p);
${flag} = ${branch.name} === ${present};
if (${flag}) { ${inner.walk} }`,
    value: `(${flag} ? ${inner.value} : null)`,
  };
}

function capturePosition(context: WalkContext, plan: Plan, path: string): Capture {
  const name = context.source.unique('v');
  return {
    declare: `let ${name} = 0;`,
    walk: `${name} = p; ${walkPlan(context, plan, path)}`,
    value: takeAt(context, plan, name),
  };
}
