/**
 * Generates the walk: code that moves `p` over the bytes of one value in `B`, up to `end`, checks everything and
 * allocates nothing. It returns −1 from its function at the first fault.
 */
import type { RecordSchema, Schema } from '../schema.ts';
import type { GuardLimits } from './limits.ts';
import { isExact } from './representation.ts';
import type { Plan } from './resolution.ts';
import { pathText, type Source } from './source.ts';
import type { TextCache } from './text-cache.ts';

export interface WalkContext {
  readonly source: Source;
  readonly limits: GuardLimits;
  readonly shared: ReadonlySet<RecordSchema>;
  /** By path, those that are not this code's alone. */
  readonly texts?: ReadonlyMap<string, TextCache>;
}

/** Code that reads a length or index into a new variable. */
export function walkLength(context: WalkContext, path: string): { code: string; name: string } {
  const name = context.source.unique('n');
  const where = pathText(path);
  const code = `if (p >= end) return fail('AVRO_TRUNCATED', ${where}, p);
let ${name} = B[p++];
if (${name} < 128 && (${name} & 1) === 0) ${name} >>= 1;
else { ${name} = lengthRest(B, p, end, ${name}); if (cursor.position < 0) return at(${where}, p); p = cursor.position; }`;
  return { code, name };
}

/** Code that checks a string; `keep` gets start, end and whether all of it is ASCII. */
export function walkText(
  context: WalkContext,
  path: string,
  keep?: { start: string; end: string; ascii: string },
): string {
  const { code, name } = walkLength(context, path);
  const where = pathText(path);
  const { maxStringBytes, maxBytes } = context.limits;
  const stop = keep?.end ?? context.source.unique('e');
  const bound =
    maxStringBytes < maxBytes
      ? `if (${name} > ${maxStringBytes}) return fail('AVRO_STRING_LIMIT', ${where}, p);\n`
      : '';
  return `${code}
${bound}if (${name} > end - p) return fail('AVRO_TRUNCATED', ${where}, p);
${keep === undefined ? `const ${stop}` : `${keep.start} = p; ${stop}`} = p + ${name};
while (p < ${stop} && B[p] < 128) p++;
${keep === undefined ? '' : `${keep.ascii} = p === ${stop};\n`}if (p < ${stop}) { if (!isUtf8(B, p, ${stop})) return fail('AVRO_UTF8', ${where}, p); p = ${stop}; }`;
}

export function walkInt(path: string, into?: string): string {
  const where = pathText(path);
  const small = into === undefined ? '' : `else ${into} = (b >> 1) ^ -(b & 1);`;
  const rest = `${into === undefined ? '' : `${into} = `}intRest(B, p, end, b); if (cursor.position < 0) return at(${where}, p); p = cursor.position;`;
  return `{ if (p >= end) return fail('AVRO_TRUNCATED', ${where}, p); const b = B[p++];
if (b > 127) { ${rest} } ${small} }`;
}

/** `into` undefined: any 64-bit value passes unless `safe`. */
export function walkLong(path: string, safe: boolean, into?: string): string {
  const where = pathText(path);
  const small = into === undefined ? '' : `else ${into} = (b >> 1) ^ -(b & 1);`;
  const rest =
    into === undefined && !safe
      ? `const q = skipVarint(B, p, end); if (q < 0) return at(${where}, p); p = q;`
      : `${into === undefined ? '' : `${into} = `}longRest(B, p, end, b); if (cursor.position < 0) return at(${where}, p); p = cursor.position;`;
  return `{ if (p >= end) return fail('AVRO_TRUNCATED', ${where}, p); const b = B[p++];
if (b > 127) { ${rest} } ${small} }`;
}

export function walkBoolean(path: string): string {
  const where = pathText(path);
  return `if (p >= end) return fail('AVRO_TRUNCATED', ${where}, p);
if (B[p] > 1) return fail('AVRO_BOOLEAN', ${where}, p); p++;`;
}

export function walkFixed(path: string, size: number): string {
  return `if (end - p < ${size}) return fail('AVRO_TRUNCATED', ${pathText(path)}, p); p += ${size};`;
}

/** Checks a value nobody reads; with `strict`, longs must be what a number can hold unless their schema is exact. */
export function walkSchema(context: WalkContext, schema: Schema, path: string, strict: boolean): string {
  switch (schema.type) {
    case 'null':
      return '';
    case 'boolean':
      return walkBoolean(path);
    case 'int':
      return walkInt(path);
    case 'long':
      return walkLong(path, strict && !isExact(schema));
    case 'float':
      return walkFixed(path, 4);
    case 'double':
      return walkFixed(path, 8);
    case 'fixed':
      return walkFixed(path, schema.size);
    case 'string':
      return walkText(context, path);
    case 'bytes':
      return walkBytes(context, path);
    case 'enum':
      return walkIndex(context, path, schema.symbols.length, 'AVRO_ENUM_INDEX').code;
    case 'array':
      return walkBlocks(context, path, minimumBytes(schema.items), {
        map: false,
        item: () => walkSchema(context, schema.items, `${path}[]`, strict),
      });
    case 'map':
      return walkBlocks(context, path, 1 + minimumBytes(schema.values), {
        map: true,
        item: () => walkSchema(context, schema.values, `${path}{}`, strict),
      });
    case 'union':
      return walkBranches(
        context,
        path,
        schema.branches.map((branch) => () => walkSchema(context, branch, path, strict)),
      );
    case 'record':
      return walkRecord(context, { key: schema, strict, record: schema }, path, (inner) =>
        schema.fields.map(
          ({ name, type }) =>
            () =>
              walkSchema(context, type, `${inner}.${name}`, strict),
        ),
      );
  }
}

/** Checks a value that will be read by `plan`. */
export function walkPlan(context: WalkContext, plan: Plan, path: string): string {
  switch (plan.kind) {
    case 'skip':
      return walkSchema(context, plan.writer, path, plan.strict);
    case 'wrap':
      return walkPlan(context, plan.plan, path);
    case 'value':
      if (plan.writer.type === 'long') return walkLong(path, plan.convert === 'same');
      if (plan.convert === 'text') return walkText(context, path);
      return walkSchema(context, plan.writer, path, true);
    case 'enum':
      return walkSymbol(context, plan.symbols, path).code;
    case 'array':
      return walkBlocks(context, path, minimumBytes(plan.writer.items), {
        map: false,
        item: () => walkPlan(context, plan.item, `${path}[]`),
      });
    case 'map':
      return walkBlocks(context, path, 1 + minimumBytes(plan.writer.values), {
        map: true,
        item: () => walkPlan(context, plan.value, `${path}{}`),
      });
    case 'union':
      return walkBranches(
        context,
        path,
        plan.branches.map(
          (branch) => () =>
            branch === undefined
              ? `return fail('AVRO_UNRESOLVED', ${pathText(path)}, p);`
              : walkPlan(context, branch, path),
        ),
      );
    case 'record':
      return walkRecord(context, { key: plan, strict: false, record: plan.writer }, path, (inner) =>
        plan.fields.map((field) => () => walkPlan(context, field.plan, `${inner}.${field.name}`)),
      );
  }
}

/** Reads an index below `count` into a new variable. */
export function walkIndex(
  context: WalkContext,
  path: string,
  count: number,
  code: 'AVRO_ENUM_INDEX' | 'AVRO_UNION_INDEX',
): { code: string; name: string } {
  const length = walkLength(context, path);
  const check = `if (${length.name} >= ${count}) return fail('${code}', ${pathText(path)}, p);`;
  return { code: `${length.code}\n${check}`, name: length.name };
}

export function walkSymbol(
  context: WalkContext,
  symbols: readonly (string | undefined)[],
  path: string,
): { code: string; name: string; symbols: string } {
  const index = walkIndex(context, path, symbols.length, 'AVRO_ENUM_INDEX');
  const table = context.source.variable(symbols);
  const known = symbols.includes(undefined)
    ? `\nif (${table}[${index.name}] === undefined) return fail('AVRO_UNRESOLVED', ${pathText(path)}, p);`
    : '';
  return { code: index.code + known, name: index.name, symbols: table };
}

function walkBytes(context: WalkContext, path: string): string {
  const { code, name } = walkLength(context, path);
  const where = pathText(path);
  return `${code}
if (${name} > ${context.limits.maxStringBytes}) return fail('AVRO_STRING_LIMIT', ${where}, p);
if (${name} > end - p) return fail('AVRO_TRUNCATED', ${where}, p);
p += ${name};`;
}

export function walkBranches(
  context: WalkContext,
  path: string,
  branches: readonly (() => string)[],
): string {
  const { code, name } = walkLength(context, path);
  const cases = branches.map((branch, index) => `case ${index}: { ${branch()} break; }`);
  return `${code}
switch (${name}) { ${cases.join('\n')}
default: return fail('AVRO_UNION_INDEX', ${pathText(path)}, p); }`;
}

function walkBlocks(
  context: WalkContext,
  path: string,
  leastBytes: number,
  { map, item }: { map: boolean; item: () => string },
): string {
  const { source, limits } = context;
  const where = pathText(path);
  const [count, stop, index, total] = ['n', 'e', 'i', 't'].map((prefix) => source.unique(prefix));
  const body = `${map ? walkText(context, `${path}{key}`) : ''}\n${item()}`;
  return `let ${total} = 0;
for (;;) {
if (p >= end) return fail('AVRO_TRUNCATED', ${where}, p);
let ${count} = B[p++];
if (${count} === 0) break;
${count} = countRest(B, p, end, ${count}); if (cursor.position < 0) return at(${where}, p); p = cursor.position;
if (${count} === 0) break;
let ${stop} = -1;
if (${count} < 0) { ${count} = -${count};
if (p >= end) return fail('AVRO_TRUNCATED', ${where}, p);
const size = lengthRest(B, p + 1, end, B[p]); if (cursor.position < 0) return at(${where}, p); p = cursor.position;
if (size > end - p) return fail('AVRO_TRUNCATED', ${where}, p);
${stop} = p + size; }
${total} += ${count}; cursor.items += ${count};
${map ? `if (${total} > ${limits.maxMapEntries}) return fail('AVRO_MAP_LIMIT', ${where}, p);` : ''}
if (cursor.items > ${limits.maxItems}) return fail('AVRO_ITEMS_LIMIT', ${where}, p);
${leastBytes > 0 ? `if (${count} * ${leastBytes} > end - p) return fail('AVRO_TRUNCATED', ${where}, p);` : ''}
${body.trim() === '' ? '' : `for (let ${index} = 0; ${index} < ${count}; ${index}++) { ${body} }`}
if (${stop} >= 0 && p !== ${stop}) return fail('AVRO_BLOCK_SIZE', ${where}, p);
}`;
}

interface RecordWalk {
  /** The schema itself or the plan. */
  readonly key: object;
  readonly strict: boolean;
  readonly record: RecordSchema;
}

/** Inline where the record stands once in the schema; else a call, which counts the depth. */
function walkRecord(
  context: WalkContext,
  { key, strict, record }: RecordWalk,
  path: string,
  fields: (path: string) => (() => string)[],
): string {
  if (!context.shared.has(record)) return blocks(fields(path));
  const { source, limits } = context;
  const own = record.name.slice(record.name.lastIndexOf('.') + 1);
  const name = source.function(key, strict ? 'strict' : 'walk', (name) => {
    const body = blocks(fields(own));
    return `function ${name}(B, p, end) {
if (++cursor.depth > ${limits.maxDepth}) return fail('AVRO_DEPTH_LIMIT', ${pathText(own)}, p);
${body}
cursor.depth--;
return p; }`;
  });
  return `p = ${name}(B, p, end); if (p < 0) return -1;`;
}

function blocks(codes: (() => string)[]): string {
  return codes.map((code) => `{ ${code()} }`).join('\n');
}

const leastBytes = new WeakMap<RecordSchema, number>();

/** The fewest bytes a value takes, counted up to 1: enough to bound counts by what is left of the payload. */
function minimumBytes(schema: Schema): number {
  if (schema.type === 'null') return 0;
  if (schema.type === 'fixed') return schema.size > 0 ? 1 : 0;
  if (schema.type !== 'record') return 1;
  const known = leastBytes.get(schema);
  if (known !== undefined) return known;
  leastBytes.set(schema, 0);
  const least = schema.fields.some((field) => minimumBytes(field.type) > 0) ? 1 : 0;
  leastBytes.set(schema, least);
  return least;
}
