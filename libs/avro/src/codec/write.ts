/** Generates code that writes the value `v` of a schema into `B` at `p`, checking it on the way. */
import type { RecordSchema, Schema, UnionSchema } from '../schema.ts';
import { defaultOf } from './default-of.ts';
import { branchKey, isExact, isWrapped, shapeOf, type Shape } from './representation.ts';
import type { Source } from './source.ts';

export interface WriteContext {
  readonly source: Source;
  readonly shared: ReadonlySet<RecordSchema>;
  readonly maxDepth: number;
  readonly refuseUnknown: boolean;
  /** Bytes of a default, made when first needed: recursive types have defaults of their own type. */
  encodeDefault(schema: Schema, value: unknown): () => Uint8Array;
}

/** `v` is an expression without side effects. */
export function write(context: WriteContext, schema: Schema, v: string): string {
  const { source } = context;
  switch (schema.type) {
    case 'null':
      return `if (${v} !== null) return INVALID;`;
    case 'boolean':
      return `if (typeof ${v} !== 'boolean') return INVALID; ${room(1)} B[p++] = ${v} ? 1 : 0;`;
    case 'int':
      if (schema.logicalType === 'date') return `${room(10)} ${put(`putDate(B, p, ${v})`)}`;
      return `if (typeof ${v} !== 'number' || (${v} | 0) !== ${v}) return INVALID; ${room(10)} ${writeInteger(v)}`;
    case 'long':
      if (isExact(schema))
        return `if (typeof ${v} !== 'bigint') return INVALID; ${room(10)} ${put(`putBigint(B, p, ${v})`)}`;
      return `if (!Number.isSafeInteger(${v})) return INVALID; ${room(10)} ${writeInteger(v)}`;
    case 'float':
      return `if (typeof ${v} !== 'number' || (Number.isFinite(${v}) && !Number.isFinite(Math.fround(${v})))) return INVALID; ${room(4)} p = putFloat(B, p, ${v});`;
    case 'double':
      return `if (typeof ${v} !== 'number') return INVALID; ${room(8)} p = putDouble(B, p, ${v});`;
    case 'string':
      if (schema.logicalType === 'uuid')
        return `if (!isUuid(${v})) return INVALID; ${put(`putText(B, p, ${v})`)}`;
      return `if (typeof ${v} !== 'string') return INVALID; ${put(`putText(B, p, ${v})`)}`;
    case 'bytes':
      if (schema.logicalType === 'decimal') {
        const { precision, scale } = schema;
        return put(`putDecimal(B, p, ${v}, ${source.variable({ precision, scale })})`);
      }
      return put(`putBytes(B, p, ${v})`);
    case 'fixed':
      return put(writeFixed(context, schema, v));
    case 'enum': {
      const table = source.variable(new Map(schema.symbols.map((symbol, index) => [symbol, index])));
      const index = source.unique('i');
      return `const ${index} = ${table}.get(${v}); if (${index} === undefined) return INVALID; ${room(5)} p = putLong(B, p, ${index});`;
    }
    case 'array':
      return writeArray(context, schema.items, v);
    case 'map':
      return writeMap(context, schema.values, v);
    case 'union':
      return writeUnion(context, schema, v);
    case 'record':
      return writeRecord(context, schema, v);
  }
}

function room(bytes: number): string {
  return `if (B.length - p < ${bytes}) return ROOM;`;
}

function put(call: string): string {
  return `p = ${call}; if (p < 0) return p;`;
}

/** Small integers, which most are, without a call. */
function writeInteger(v: string): string {
  return `if (${v} >= -64 && ${v} < 64) B[p++] = (${v} << 1) ^ (${v} >> 31); else p = putLong(B, p, ${v});`;
}

function writeFixed({ source }: WriteContext, schema: Extract<Schema, { type: 'fixed' }>, v: string): string {
  switch (schema.logicalType) {
    case 'decimal': {
      const { precision, scale, size } = schema;
      return `putDecimal(B, p, ${v}, ${source.variable({ precision, scale, size })})`;
    }
    case 'duration':
      return `putDuration(B, p, ${v})`;
    case 'uuid':
      return `putUuid(B, p, ${v})`;
    default:
      return `putFixed(B, p, ${v}, ${schema.size})`;
  }
}

function writeArray(context: WriteContext, items: Schema, v: string): string {
  const { source } = context;
  const [list, index, item] = [source.unique('l'), source.unique('i'), source.unique('v')];
  return `const ${list} = ${v}; if (!Array.isArray(${list})) return INVALID; ${room(11)}
if (${list}.length > 0) { p = putLong(B, p, ${list}.length);
for (let ${index} = 0; ${index} < ${list}.length; ${index}++) { const ${item} = ${list}[${index}]; ${write(context, items, item)} } }
${room(1)} B[p++] = 0;`;
}

function writeMap(context: WriteContext, values: Schema, v: string): string {
  const { source } = context;
  const [map, keys, key, item] = ['m', 'k', 'k', 'v'].map((prefix) => source.unique(prefix)) as [
    string,
    string,
    string,
    string,
  ];
  return `const ${map} = ${v}; if (!isPlain(${map})) return INVALID; const ${keys} = Object.keys(${map}); ${room(11)}
if (${keys}.length > 0) { p = putLong(B, p, ${keys}.length);
for (const ${key} of ${keys}) { ${put(`putText(B, p, ${key})`)} const ${item} = ${map}[${key}]; ${write(context, values, item)} } }
${room(1)} B[p++] = 0;`;
}

function writeUnion(context: WriteContext, union: UnionSchema, v: string): string {
  const wrapped = isWrapped(union);
  const { source } = context;
  const key = source.unique('k');
  const cases = union.branches.map((branch, index) => {
    const inner = wrapped && branch.type !== 'null' ? source.unique('v') : v;
    const test =
      branch.type === 'null'
        ? `${v} === null`
        : wrapped
          ? `${key} === ${JSON.stringify(branchKey(branch))}`
          : shapeTest(shapeOf(branch), v);
    const unwrap = inner === v ? '' : `const ${inner} = ${v}[${key}];`;
    return `if (${test}) { ${unwrap} ${room(5)} ${index < 64 ? `B[p++] = ${index * 2};` : `p = putLong(B, p, ${index});`} ${write(context, branch, inner)} }`;
  });
  const start = wrapped ? `const ${key} = soleKey(${v});` : '';
  return `${start} ${cases.join('\nelse ')}\nelse return INVALID;`;
}

function shapeTest(shape: Shape, v: string): string {
  switch (shape) {
    case 'null':
      return `${v} === null`;
    case 'bytes':
      return `${v} instanceof Uint8Array`;
    case 'array':
      return `Array.isArray(${v})`;
    case 'object':
      return `isPlain(${v})`;
    default:
      return `typeof ${v} === '${shape}'`;
  }
}

function writeRecord(context: WriteContext, record: RecordSchema, v: string): string {
  if (!context.shared.has(record)) return writeFields(context, record, v);
  const name = context.source.function(
    record,
    'put',
    (own) => `function ${own}(v, B, p) {
if (++cursor.depth > ${context.maxDepth}) return INVALID;
${writeFields(context, record, 'v')}
cursor.depth--;
return p; }`,
  );
  return put(`${name}(${v}, B, p)`);
}

function writeFields(context: WriteContext, record: RecordSchema, v: string): string {
  const { source } = context;
  const present = source.unique('h');
  const locals = record.fields.map(() => source.unique('v'));
  const code = record.fields.map((field, index) => {
    const local = locals[index] as string;
    const read = `const ${local} = ${v}[${JSON.stringify(field.name)}];`;
    if (!field.hasDefault) return `${read} { ${write(context, field.type, local)} }`;
    const bytes = source.variable(
      context.encodeDefault(field.type, defaultOf(field.type, field.default ?? null)),
    );
    return `${read} if (${local} === undefined) { ${present}--; const d = ${bytes}(); if (B.length - p < d.length) return ROOM; B.set(d, p); p += d.length; }
else { ${write(context, field.type, local)} }`;
  });
  const names = source.variable(new Set(record.fields.map(({ name }) => name)));
  const unknown = `for (const key in ${v}) ${present}--;
if (${present} !== 0 && hasUnknown(${v}, ${names})) return INVALID;`;
  return `if (!isPlain(${v})) return INVALID;
let ${present} = ${record.fields.length};
${code.join('\n')}
${context.refuseUnknown ? unknown : ''}`;
}
