import type { AvroRecord } from './avro-types.ts';

interface Primitives {
  readonly null: null;
  readonly boolean: boolean;
  readonly int: number;
  readonly long: number;
  readonly float: number;
  readonly double: number;
  readonly string: string;
}

/** The value that stands for an Avro type once it is decoded. */
type ValueOf<Type> = Type extends keyof Primitives
  ? Primitives[Type]
  : Type extends readonly (infer Branch)[]
    ? OfBranch<Branch>
    : Type extends { readonly fields: infer Fields }
      ? OfFields<Fields>
      : Type extends { readonly symbols: readonly (infer Symbol)[] }
        ? Symbol
        : Type extends { readonly items: infer Item }
          ? readonly ValueOf<Item>[]
          : Type extends { readonly values: infer Value }
            ? Readonly<Record<string, ValueOf<Value>>>
            : Type extends { readonly type: infer Inner }
              ? ValueOf<Inner>
              : unknown;

type OfBranch<Branch> = Branch extends unknown ? ValueOf<Branch> : never;

type OfFields<Fields> = Fields extends readonly { readonly name: string; readonly type: unknown }[]
  ? { readonly [Field in Fields[number] as Field['name']]: ValueOf<Field['type']> }
  : never;

/** A schema's rows for the compiler: its `rowType`, or what its fields say where it is written `as const`. */
export type RowOf<Schema> = 'rowType' extends keyof Schema
  ? Schema extends { readonly rowType?: infer Row }
    ? NonNullable<Row>
    : never
  : Schema extends AvroRecord
    ? OfFields<Schema['fields']>
    : Schema;

/** The names of a schema's fields; any where the compiler does not know them. */
export type FieldNames<Schema> = Extract<keyof RowOf<Schema>, string>;
