/** Avro schemas as far as definitions look into them: the plain JSON that a generated schema module holds. */
export type AvroType = string | AvroComplex | readonly AvroType[];

export interface AvroComplex {
  readonly type: AvroType | 'record' | 'enum' | 'array' | 'map' | 'fixed' | 'error';
  readonly logicalType?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly fields?: readonly AvroField[];
  readonly items?: AvroType;
  readonly values?: AvroType;
  readonly symbols?: readonly string[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly default?: unknown;
  readonly doc?: string;
  readonly eventTime?: boolean;
  readonly unit?: string;
  readonly pii?: boolean;
}

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly fields: readonly AvroField[];
}

/** An Avro record schema that carries its row type for the compiler; `rowType` is never there at run time. */
export type TypedSchema<Row = Record<string, unknown>> = AvroRecord & { readonly rowType?: Row };

export type ColumnType = 'string' | 'long' | 'double' | 'boolean' | 'timestamp' | 'json';

export interface FieldType {
  readonly type: ColumnType;
  readonly nullable: boolean;
}

const isUnion = (type: AvroType): type is readonly AvroType[] => Array.isArray(type);

/** The branch of a nullable union that is not null, and whether there was one; a union of several types is `json`. */
export function withoutNull(type: AvroType): { readonly type: AvroType; readonly nullable: boolean } {
  if (!isUnion(type)) return { type, nullable: type === 'null' };
  const branches = type.filter((branch) => branch !== 'null');
  return { type: branches.length === 1 ? branches[0]! : branches, nullable: branches.length < type.length };
}

/** The column type that holds an Avro type; records, arrays, maps and unions become `json`. */
export function columnTypeOf(avro: AvroType): FieldType {
  const { type, nullable } = withoutNull(avro);
  return { type: nonNullColumn(type), nullable };
}

function nonNullColumn(type: AvroType): ColumnType {
  if (isUnion(type)) return 'json';
  if (typeof type === 'object') {
    if (type.logicalType?.startsWith('timestamp-') || type.logicalType?.startsWith('local-timestamp-'))
      return 'timestamp';
    if (type.type === 'enum') return 'string';
    return typeof type.type === 'string' && type.fields === undefined && type.items === undefined
      ? nonNullColumn(type.type)
      : 'json';
  }
  switch (type) {
    case 'int':
    case 'long':
      return 'long';
    case 'float':
    case 'double':
      return 'double';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    default:
      return 'json';
  }
}

/** The fields of the records that an array field holds; undefined for anything else. */
export function elementFields(avro: AvroType): readonly AvroField[] | undefined {
  const { type } = withoutNull(avro);
  if (typeof type !== 'object' || isUnion(type) || type.type !== 'array' || type.items === undefined)
    return undefined;
  const items = withoutNull(type.items).type;
  return typeof items === 'object' && !isUnion(items) ? items.fields : undefined;
}
