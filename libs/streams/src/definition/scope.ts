import { columnTypeOf, withoutNull } from './avro-types.ts';
import type { AvroField, ColumnType } from './avro-types.ts';
import type { Expression } from './expression.ts';
import type { SourceDefinition } from './pipeline-definition.ts';

export interface ScopedField {
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly unit?: string;
  /** What lies in it, where it is a record. */
  readonly fields?: Scope;
}

/** The fields that a view's expressions, keys and aggregates can name. */
export type Scope = Map<string, ScopedField>;

export const scoped = (avro: AvroField): ScopedField => ({
  ...columnTypeOf(avro.type),
  ...(avro.unit === undefined ? {} : { unit: avro.unit }),
  ...recordFields(avro),
});

function recordFields({ type: avro }: AvroField): { fields?: Scope } {
  const { type } = withoutNull(avro);
  if (typeof type !== 'object' || !('fields' in type) || type.fields === undefined) return {};
  return { fields: new Map(type.fields.map((field) => [field.name, scoped(field)])) };
}

/** The event-time field: the one named, or the one that the schema marks `"eventTime": true`. */
export function eventTimeOf(source: SourceDefinition): string | undefined {
  return source.eventTime ?? source.schema.fields.find((field) => field.eventTime === true)?.name;
}

export function sourceScope(source: SourceDefinition): Scope {
  return new Map(source.schema.fields.map((avro) => [avro.name, scoped(avro)]));
}

const texts = new Set([
  'concat',
  'lower',
  'upper',
  'trim',
  'substring',
  'splitPart',
  'toText',
  'isoDate',
  'mask',
]);
const integers = new Set(['length', 'hourOfDay', 'dayOfWeek', 'floor']);
const sameAsOperands = new Set(['add', 'subtract', 'multiply', 'modulo', 'abs', 'least', 'greatest']);

/** The type of an expression's value; nullable unless it certainly has one. */
export function expressionType(expression: Expression, scope: Scope): ScopedField {
  if (expression.op === 'field') return pathType(expression.name, scope);
  if (expression.op === 'literal') {
    const { value } = expression;
    if (typeof value === 'number')
      return { type: Number.isSafeInteger(value) ? 'long' : 'double', nullable: false };
    if (typeof value === 'boolean') return { type: 'boolean', nullable: false };
    return { type: 'string', nullable: value === null };
  }
  const { op, args } = expression;
  const types = args.map((arg) => expressionType(arg, scope));
  const nullable = types.some((type) => type.nullable);
  if (texts.has(op)) return { type: 'string', nullable: nullable || op === 'splitPart' };
  if (integers.has(op)) return { type: 'long', nullable };
  if (sameAsOperands.has(op)) {
    // Both go by what comes first, of text as of numbers.
    if ((op === 'least' || op === 'greatest') && types.every(({ type }) => type === 'string'))
      return { type: 'string', nullable };
    const onlyLongs = types.every(({ type }) => type === 'long');
    if (!onlyLongs && types.some(({ type }) => type === 'timestamp') && op !== 'subtract')
      return { type: 'timestamp', nullable: true };
    return { type: onlyLongs ? 'long' : 'double', nullable: true };
  }
  switch (op) {
    case 'truncateTime':
      return { type: 'timestamp', nullable };
    case 'divide':
    case 'toNumber':
      return { type: 'double', nullable: true };
    case 'round': {
      const [, digits] = args;
      return { type: digits?.op === 'literal' && digits.value === 0 ? 'long' : 'double', nullable };
    }
    case 'coalesce':
      return { ...firstTyped(types), nullable: types.every((type) => type.nullable) };
    case 'when': {
      const values = types.filter((_, at) => at % 2 === 1 || at === types.length - 1);
      const complete = args.length % 2 === 1;
      return { ...firstTyped(values), nullable: !complete || values.some((type) => type.nullable) };
    }
    default:
      // What is left are the comparisons and connectives.
      return { type: 'boolean', nullable: nullable && !['and', 'or', 'isNull'].includes(op) };
  }
}

/** The type of what lies at `a.b.c`; any part of the way may be null. */
function pathType(path: string, scope: Scope): ScopedField {
  let field: ScopedField | undefined;
  let isNullable = false;
  let fields: Scope | undefined = scope;
  for (const name of path.split('.')) {
    field = fields?.get(name);
    if (field === undefined) return { type: 'json', nullable: true };
    isNullable ||= field.nullable;
    ({ fields } = field);
  }
  return { ...field!, nullable: isNullable };
}

/** A branch that is only null says nothing about the type; a double among longs makes doubles. */
function firstTyped(types: readonly ScopedField[]): ScopedField {
  const valued = types.filter(({ type, nullable }) => !(type === 'string' && nullable && types.length > 1));
  const some = valued.length > 0 ? valued : types;
  if (
    some.some(({ type }) => type === 'double') &&
    some.every(({ type }) => type === 'double' || type === 'long')
  )
    return { type: 'double', nullable: false };
  return some[0] ?? { type: 'json', nullable: true };
}
