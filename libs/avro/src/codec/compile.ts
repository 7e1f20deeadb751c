/** Compiles a guard or a decoder: one function per pair of schemas, walking first, making values afterwards. */
import type { RecordSchema, Schema } from '../schema.ts';
import { capture, captureFields, type Capture } from './capture.ts';
import type { GuardLimits } from './limits.ts';
import { rootPath, type Plan } from './resolution.ts';
import { pathText, sharedRecords, Source } from './source.ts';
import type { TextCache } from './text-cache.ts';
import { walkPlan, type WalkContext } from './walk.ts';

/** 0, or −1 with `failure` set. `out.value` (or the row) is written only when everything held. */
export type Run = (bytes: Uint8Array, start: number, end: number) => 0 | -1;

export interface Compiled {
  readonly run: Run;
  readonly out: { value: unknown };
}

/** Code that checks and makes nothing. */
export function compileGuard(schema: Schema, limits: GuardLimits): Run {
  const context = newContext(schema, limits);
  const plan: Plan = { kind: 'skip', writer: schema, strict: true };
  return finish(context, rootPath(schema), {
    declare: '',
    walk: walkPlan(context, plan, rootPath(schema)),
    value: '',
  }).run;
}

/** Code that makes a new value at every call. */
export function compileValue(writer: Schema, plan: Plan, limits: GuardLimits, path: string): Compiled {
  const context = newContext(writer, limits);
  const captured = capture(context, plan, path);
  return finish(context, path, captured, `out.value = ${captured.value};`);
}

/** Code that overwrites one row, whose properties are there from the start. */
export function compileRow(
  writer: RecordSchema,
  plan: Extract<Plan, { kind: 'record' }>,
  limits: GuardLimits,
  { row, texts }: { row: Record<string, unknown>; texts?: ReadonlyMap<string, TextCache> | undefined },
): Run {
  const path = rootPath(writer);
  const byPath = new Map<string, TextCache>();
  for (const { name, target } of plan.fields) {
    const cache = target === undefined ? undefined : texts?.get(target);
    if (cache !== undefined) byPath.set(`${path}.${name}`, cache);
  }
  const context = { ...newContext(writer, limits), texts: byPath };
  const { declare, walk, values } = captureFields(context, plan, path);
  const target = context.source.variable(row);
  const locals = [...values].map(([name, value]) => ({ name, value, local: context.source.unique('r') }));
  const store = [
    ...locals.map(({ local, value }) => `const ${local} = ${value};`),
    ...locals.map(({ name, local }) => `${target}[${JSON.stringify(name)}] = ${local};`),
  ];
  return finish(context, path, { declare, walk, value: '' }, store.join('\n')).run;
}

function newContext(writer: Schema, limits: GuardLimits): WalkContext {
  return { source: new Source(), limits, shared: sharedRecords(writer) };
}

function finish(
  { source, limits }: WalkContext,
  path: string,
  { declare, walk }: Capture,
  make = '',
): Compiled {
  const out = { value: undefined as unknown };
  const where = pathText(path);
  source.add(`const out = ${source.constant(out)};
function run(B, p, end) {
if (end - p > ${limits.maxBytes}) return fail('AVRO_BYTES_LIMIT', ${where}, p);
cursor.items = 0; cursor.depth = 0;
${declare}
${walk}
if (p !== end) return fail('AVRO_TRAILING', ${where}, p);
cursor.items = 0; cursor.depth = 0;
${make}
return 0; }`);
  return { run: source.compile<Run>('run'), out };
}
