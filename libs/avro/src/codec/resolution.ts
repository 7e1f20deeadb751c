/** A writer's schema read as a reader's: what to do with every value, as data, before any code is generated from it. */
import { AvroError } from '../errors.ts';
import {
  typeName,
  type ArraySchema,
  type EnumSchema,
  type Field,
  type FixedSchema,
  type MapSchema,
  type RecordSchema,
  type Schema,
} from '../schema.ts';
import { branchKey, isExact, isWrapped } from './representation.ts';

export type Conversion =
  | 'same'
  | 'bigint'
  | 'rounded' // long → float or double
  | 'float' // int → float
  | 'date'
  | 'decimal'
  | 'duration'
  | 'uuid'
  | 'bytes'
  | 'text';

export interface ValuePlan {
  readonly kind: 'value';
  readonly writer: Schema;
  readonly convert: Conversion;
  /** The reader's, for precision and scale. */
  readonly reader: Schema;
}
export interface SkipPlan {
  readonly kind: 'skip';
  readonly writer: Schema;
  /** Whether longs that are not exact must be safe integers. */
  readonly strict: boolean;
}
export interface EnumPlan {
  readonly kind: 'enum';
  /** Per index of the writer; undefined where the reader has neither the symbol nor a default. */
  readonly symbols: readonly (string | undefined)[];
}
export interface ArrayPlan {
  readonly kind: 'array';
  readonly writer: ArraySchema;
  item: Plan;
}
export interface MapPlan {
  readonly kind: 'map';
  readonly writer: MapSchema;
  value: Plan;
}
export interface UnionPlan {
  readonly kind: 'union';
  /** Per branch of the writer; undefined where the reader cannot take it. */
  readonly branches: (Plan | undefined)[];
}
/** A value of a reader's union whose branches look alike. */
export interface WrapPlan {
  readonly kind: 'wrap';
  readonly key: string;
  readonly plan: Plan;
}
export interface RecordPlan {
  readonly kind: 'record';
  readonly writer: RecordSchema;
  readonly name: string;
  /** In the writer's order; `target` is the reader's field, absent where nobody reads it. */
  fields: { readonly name: string; readonly plan: Plan; readonly target?: string }[];
  defaults: Field[];
  /** The reader's fields in the reader's order. */
  order: string[];
}
export type Plan = ValuePlan | SkipPlan | EnumPlan | ArrayPlan | MapPlan | UnionPlan | WrapPlan | RecordPlan;

/** A writer's schema that the reader's can never read. */
export class AvroResolutionError extends AvroError {
  override readonly name = 'AvroResolutionError';
  readonly code = 'AVRO_RESOLUTION';
  readonly path: string;

  constructor(path: string, writer: Schema, reader: Schema) {
    super(
      `${path}: a ${typeName(reader)} cannot be read from what was written as ${typeName(writer)}; ` +
        'register a compatible schema or read with the writer’s version',
    );
    this.path = path;
  }
}

/** Plans are shared per pair of records, so recursive schemas give cyclic plans and no pair is worked out twice. */
class Memo {
  readonly #plans = new Map<RecordSchema, Map<RecordSchema, RecordPlan | AvroResolutionError>>();
  readonly #begun: (readonly [RecordSchema, RecordSchema])[] = [];

  get(writer: RecordSchema, reader: RecordSchema): RecordPlan | AvroResolutionError | undefined {
    return this.#plans.get(writer)?.get(reader);
  }

  /** Returns a mark to `fail` with. */
  begin(writer: RecordSchema, reader: RecordSchema, plan: RecordPlan): number {
    this.#set(writer, reader, plan);
    return this.#begun.push([writer, reader]) - 1;
  }

  /** A failed pair stays known; what was built upon it since is forgotten. */
  fail(mark: number, error: AvroResolutionError): void {
    const [failed, ...upon] = this.#begun.splice(mark);
    for (const [writer, reader] of upon) {
      if (!(this.get(writer, reader) instanceof AvroResolutionError)) this.#plans.get(writer)?.delete(reader);
    }
    if (failed !== undefined) this.#set(...failed, error);
  }

  #set(writer: RecordSchema, reader: RecordSchema, plan: RecordPlan | AvroResolutionError): void {
    const readers = this.#plans.get(writer) ?? new Map<RecordSchema, RecordPlan | AvroResolutionError>();
    this.#plans.set(writer, readers.set(reader, plan));
  }
}

/**
 * How values of `writer` become values of `reader`; `fields` keeps only these fields of the reader's record.
 *
 * @throws AvroResolutionError where no value of the writer could be read
 * @see https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
 */
export function resolve(writer: Schema, reader: Schema, fields?: readonly string[]): Plan {
  const memo = new Memo();
  if (fields === undefined || reader.type !== 'record') return toPlan(writer, reader, rootPath(reader), memo);
  for (const name of fields) {
    if (!reader.fields.some((field) => field.name === name)) {
      throw new RangeError(`${reader.name} has no field "${name}"; it has ${list(reader)}`);
    }
  }
  const projected = { ...reader, fields: reader.fields.filter(({ name }) => fields.includes(name)) };
  return toPlan(writer, projected, rootPath(reader), memo);
}

export function rootPath(schema: Schema): string {
  const name = typeName(schema);
  return name.slice(name.lastIndexOf('.') + 1);
}

function list(record: RecordSchema): string {
  return record.fields.map(({ name }) => name).join(', ');
}

function toPlan(writer: Schema, reader: Schema, path: string, memo: Memo): Plan {
  if (writer.type === 'union') {
    const branches = writer.branches.map((branch) => attempt(() => toPlan(branch, reader, path, memo)));
    if (branches.every((branch) => branch === undefined)) throw new AvroResolutionError(path, writer, reader);
    return { kind: 'union', branches };
  }
  if (reader.type === 'union') {
    const wrapped = isWrapped(reader);
    for (const exact of [true, false]) {
      for (const branch of reader.branches) {
        if (exact && !sameType(writer, branch)) continue;
        const plan = attempt(() => toPlan(writer, branch, path, memo));
        if (plan === undefined) continue;
        return wrapped && branch.type !== 'null' ? { kind: 'wrap', key: branchKey(branch), plan } : plan;
      }
    }
    throw new AvroResolutionError(path, writer, reader);
  }
  if (writer.type === 'record' && reader.type === 'record' && namesMatch(writer, reader)) {
    return recordPlan(writer, reader, path, memo);
  }
  if (writer.type === 'enum' && reader.type === 'enum' && namesMatch(writer, reader)) {
    return enumPlan(writer, reader);
  }
  if (writer.type === 'array' && reader.type === 'array') {
    return { kind: 'array', writer, item: toPlan(writer.items, reader.items, `${path}[]`, memo) };
  }
  if (writer.type === 'map' && reader.type === 'map') {
    return { kind: 'map', writer, value: toPlan(writer.values, reader.values, `${path}{}`, memo) };
  }
  const convert = conversion(writer, reader);
  if (convert === undefined) throw new AvroResolutionError(path, writer, reader);
  return { kind: 'value', writer, reader, convert };
}

/** The plan, or undefined where the two do not fit; other errors pass. */
function attempt(make: () => Plan): Plan | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof AvroResolutionError) return undefined;
    throw error;
  }
}

function recordPlan(writer: RecordSchema, reader: RecordSchema, path: string, memo: Memo): RecordPlan {
  const known = memo.get(writer, reader);
  if (known instanceof AvroResolutionError) throw known;
  if (known !== undefined) return known;
  const plan: RecordPlan = { kind: 'record', writer, name: reader.name, fields: [], defaults: [], order: [] };
  const mark = memo.begin(writer, reader, plan);
  const taken = new Set<string>();
  try {
    const sources = new Map<string, Field>();
    for (const field of reader.fields) {
      const source = [field.name, ...(field.aliases ?? [])].find((name) =>
        writer.fields.some((written) => written.name === name && !taken.has(name)),
      );
      if (source !== undefined) {
        taken.add(source);
        sources.set(source, field);
      } else if (field.hasDefault) plan.defaults.push(field);
      else throw new AvroResolutionError(`${path}.${field.name}`, writer, reader);
    }
    for (const { name, type } of writer.fields) {
      const target = sources.get(name);
      if (target === undefined)
        plan.fields.push({ name, plan: { kind: 'skip', writer: type, strict: false } });
      else {
        const inner = toPlan(type, target.type, `${path}.${target.name}`, memo);
        plan.fields.push({ name, plan: inner, target: target.name });
      }
    }
    plan.order = reader.fields.map(({ name }) => name);
    return plan;
  } catch (error) {
    if (error instanceof AvroResolutionError) memo.fail(mark, error);
    throw error;
  }
}

function enumPlan(writer: EnumSchema, reader: EnumSchema): EnumPlan {
  const symbols = writer.symbols.map((symbol) => (reader.symbols.includes(symbol) ? symbol : reader.default));
  return { kind: 'enum', symbols };
}

/** Names match by their last part, as Avro 1.12 and every implementation has it, or by an alias of the reader. */
function namesMatch(
  writer: { name: string },
  reader: { name: string; aliases?: readonly string[] },
): boolean {
  const last = (name: string) => name.slice(name.lastIndexOf('.') + 1);
  return last(writer.name) === last(reader.name) || (reader.aliases ?? []).includes(writer.name);
}

function sameType(writer: Schema, reader: Schema): boolean {
  return (
    writer.type === reader.type && ('name' in writer && 'name' in reader ? writer.name === reader.name : true)
  );
}

function conversion(writer: Schema, reader: Schema): Conversion | undefined {
  if (writer.type === 'fixed' && reader.type === 'fixed') {
    return writer.size === reader.size && namesMatch(writer, reader) ? native(reader) : undefined;
  }
  if (writer.type === reader.type) return native(reader);
  switch (`${writer.type}>${reader.type}`) {
    case 'int>long':
      return isExact(reader) ? 'bigint' : 'same';
    case 'int>double':
    case 'float>double':
      return 'same';
    case 'int>float':
      return 'float';
    case 'long>float':
    case 'long>double':
      return 'rounded';
    case 'bytes>string':
      return 'text';
    case 'string>bytes':
      return native(reader);
    default:
      return undefined;
  }
}

function native(schema: Schema): Conversion {
  switch (schema.type) {
    case 'int':
      return schema.logicalType === 'date' ? 'date' : 'same';
    case 'long':
      return isExact(schema) ? 'bigint' : 'same';
    case 'bytes':
      return schema.logicalType === 'decimal' ? 'decimal' : 'bytes';
    case 'fixed':
      return fixedConversion(schema);
    default:
      return 'same';
  }
}

function fixedConversion({ logicalType }: FixedSchema): Conversion {
  return logicalType === 'decimal' || logicalType === 'duration' || logicalType === 'uuid'
    ? logicalType
    : 'bytes';
}
