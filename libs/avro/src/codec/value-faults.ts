/** Which parts of a value are not of its schema, with what to do: the slow look, taken only after an encoder refused. */
import { typeName, type RecordSchema, type Schema, type UnionSchema } from '../schema.ts';
import { branchKey, isExact, isWrapped, shapeOf } from './representation.ts';
import { isDuration, isPlain, isUuid, putDecimal, soleKey } from './put.ts';
import { daysOf } from './logical-values.ts';

export type ValueRule =
  'type' | 'range' | 'symbol' | 'size' | 'format' | 'missing' | 'unknown' | 'branch' | 'depth';

export interface ValueFaultReport {
  /** As in `Order.items[3].price`. */
  readonly path: string;
  readonly rule: ValueRule;
  /** What was found and what to send instead. */
  readonly fix: string;
}

interface Visit {
  readonly faults: ValueFaultReport[];
  readonly refuseUnknown: boolean;
  readonly maxDepth: number;
}

/** Faults beyond this number add nothing. */
const MAX_FAULTS = 20;

export function valueFaults(
  schema: Schema,
  value: unknown,
  { refuseUnknown, maxDepth, path }: { refuseUnknown: boolean; maxDepth: number; path: string },
): readonly ValueFaultReport[] {
  const faults: ValueFaultReport[] = [];
  visit({ faults, refuseUnknown, maxDepth }, schema, value, path, 0);
  return faults;
}

function visit(state: Visit, schema: Schema, value: unknown, path: string, depth: number): void {
  if (state.faults.length >= MAX_FAULTS) return;
  const refuse = (rule: ValueRule, fix: string) => state.faults.push({ path, rule, fix });
  const wrong = () => refuse('type', `got ${show(value)}; send ${wanted(schema)}`);
  switch (schema.type) {
    case 'null':
    case 'boolean':
      if (schema.type === 'null' ? value !== null : typeof value !== 'boolean') wrong();
      return;
    case 'int':
      if (schema.logicalType === 'date') {
        if (typeof value !== 'string') wrong();
        else if (daysOf(value) === undefined) refuse('format', `${show(value)} is no day; send YYYY-MM-DD`);
      } else if (typeof value !== 'number') wrong();
      else if ((value | 0) !== value) refuse('range', `${show(value)} is not a whole number of 32 bits`);
      return;
    case 'long':
      if (isExact(schema)) {
        if (typeof value !== 'bigint') wrong();
        else if (BigInt.asIntN(64, value) !== value) refuse('range', `${value} does not fit into 64 bits`);
      } else if (typeof value !== 'number') wrong();
      else if (!Number.isSafeInteger(value)) {
        refuse(
          'range',
          `${show(value)} is not a whole number within ±(2^53 − 1); beyond, the schema needs "exact": true`,
        );
      }
      return;
    case 'float':
    case 'double':
      if (typeof value !== 'number') wrong();
      else if (schema.type === 'float' && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
        refuse('range', `${value} is beyond a float; make the field a double`);
      }
      return;
    case 'string':
      if (typeof value !== 'string') wrong();
      else if (!value.isWellFormed())
        refuse('format', 'the string has half a surrogate pair; send well-formed Unicode');
      else if (schema.logicalType === 'uuid' && !isUuid(value)) refuse('format', `${show(value)} is no UUID`);
      return;
    case 'enum':
      if (typeof value !== 'string') wrong();
      else if (!schema.symbols.includes(value)) {
        refuse('symbol', `${show(value)} is not one of ${schema.symbols.slice(0, 20).join(', ')}`);
      }
      return;
    case 'bytes':
    case 'fixed':
      visitBytes(refuse, wrong, schema, value);
      return;
    case 'array':
      if (!Array.isArray(value)) wrong();
      else value.forEach((item, index) => visit(state, schema.items, item, `${path}[${index}]`, depth));
      return;
    case 'map':
      if (!isPlain(value)) wrong();
      else {
        for (const [key, item] of Object.entries(value)) {
          const inner = `${path}[${JSON.stringify(key.slice(0, 50))}]`;
          if (!key.isWellFormed())
            state.faults.push({ path: inner, rule: 'format', fix: 'the key is not well-formed Unicode' });
          visit(state, schema.values, item, inner, depth);
        }
      }
      return;
    case 'union':
      visitUnion(state, schema, value, path, depth);
      return;
    case 'record':
      if (!isPlain(value)) wrong();
      else if (depth > state.maxDepth) refuse('depth', `nested deeper than ${state.maxDepth} records`);
      else visitFields(state, schema, value, path, depth + 1);
  }
}

function visitFields(
  state: Visit,
  record: RecordSchema,
  value: Record<string, unknown>,
  path: string,
  depth: number,
): void {
  for (const field of record.fields) {
    const inner = `${path}.${field.name}`;
    const given = value[field.name];
    if (given !== undefined) visit(state, field.type, given, inner, depth);
    else if (!field.hasDefault) {
      state.faults.push({
        path: inner,
        rule: 'missing',
        fix: `the field has no default; send ${wanted(field.type)}`,
      });
    }
  }
  if (!state.refuseUnknown) return;
  const names = new Set(record.fields.map(({ name }) => name));
  for (const key in value) {
    if (names.has(key) || value[key] === undefined) continue;
    const near = [...names].slice(0, 30).join(', ');
    state.faults.push({
      path: `${path}.${key.slice(0, 50)}`,
      rule: 'unknown',
      fix: `${record.name} has no such field; it has ${near}`,
    });
  }
}

function visitUnion(state: Visit, union: UnionSchema, value: unknown, path: string, depth: number): void {
  const refuse = (fix: string) => state.faults.push({ path, rule: 'branch', fix });
  if (value === null && union.branches.some(({ type }) => type === 'null')) return;
  if (isWrapped(union)) {
    const key = soleKey(value);
    const branch = union.branches.find(
      (candidate) => candidate.type !== 'null' && branchKey(candidate) === key,
    );
    if (branch === undefined) refuse(`got ${show(value)}; send ${wanted(union)}`);
    else visit(state, branch, (value as Record<string, unknown>)[key as string], path, depth);
    return;
  }
  const branch = union.branches.find((candidate) => shapeOf(candidate) === shape(value));
  if (branch === undefined) refuse(`got ${show(value)}; send ${wanted(union)}`);
  else visit(state, branch, value, path, depth);
}

function visitBytes(
  refuse: (rule: ValueRule, fix: string) => void,
  wrong: () => void,
  schema: Extract<Schema, { type: 'fixed' }> | Schema,
  value: unknown,
): void {
  const { logicalType, precision = 1, scale = 0, size } = schema as Extract<Schema, { type: 'fixed' }>;
  if (logicalType === 'decimal') {
    if (typeof value !== 'string') wrong();
    else if (
      putDecimal(new Uint8Array(1024 + value.length), 0, value, { precision, scale, ...(size && { size }) }) <
      0
    ) {
      refuse(
        'format',
        `${show(value)} is no decimal of ${precision} digits, ${scale} of them after the point`,
      );
    }
  } else if (logicalType === 'uuid') {
    if (!isUuid(value)) refuse('format', `${show(value)} is no UUID`);
  } else if (logicalType === 'duration') {
    if (!isDuration(value)) wrong();
  } else if (!(value instanceof Uint8Array)) wrong();
  else if (schema.type === 'fixed' && value.length !== size)
    refuse('size', `got ${value.length} bytes; send exactly ${size}`);
}

function shape(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

/** Never more than a few words of a value: it may be private, or large. */
function show(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}…` : JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  return value === undefined ? 'nothing' : `a value of type ${shape(value)}`;
}

function wanted(schema: Schema): string {
  if (schema.type === 'union') {
    const names = schema.branches.map((branch) =>
      isWrapped(schema) && branch.type !== 'null'
        ? `{ ${JSON.stringify(branchKey(branch))}: … }`
        : wanted(branch),
    );
    return names.join(' or ');
  }
  if (schema.type === 'int' && schema.logicalType === 'date') return 'a day as YYYY-MM-DD';
  if (schema.type === 'bytes' || schema.type === 'fixed') {
    if (schema.logicalType === 'decimal') return 'a decimal as a string';
    if (schema.logicalType === 'duration') return '{ months, days, millis }';
    return schema.logicalType === 'uuid' ? 'a UUID' : 'a Uint8Array';
  }
  if (schema.type === 'long' && isExact(schema)) return 'a bigint';
  if ('name' in schema) return `${schema.type} ${typeName(schema)}`;
  return schema.type === 'null' ? 'null' : `${/^[aeiou]/.test(schema.type) ? 'an' : 'a'} ${schema.type}`;
}
