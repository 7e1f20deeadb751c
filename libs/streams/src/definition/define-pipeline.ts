import type { AvroRecord } from './avro-types.ts';
import type { Expression } from './expression.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';
import type { FieldNames } from './row-type.ts';
import { checkDefinition } from './validate-definition.ts';

type RowOf<Schema> = Schema extends { readonly rowType?: infer Row } ? NonNullable<Row> : never;
type NamesOf<Schema> = [RowOf<Schema>] extends [never] ? string : Extract<keyof RowOf<Schema>, string>;
type ElementOf<Row, Field> = Field extends keyof Row
  ? NonNullable<Row[Field]> extends readonly (infer Element)[]
    ? Extract<keyof Element, string>
    : never
  : never;

type Names<T> = Extract<keyof T, string>;
type KeysOf<V> = V extends { readonly by: readonly (infer By)[] } ? Extract<By, string> : never;
type DerivedOf<V> = V extends { readonly derive: infer Derived } ? Names<Derived> : never;
type ComputedOf<V> = V extends { readonly compute: infer Computed } ? Names<Computed> : never;

/** The columns of a windowed view's results, as others can read them. */
type ResultsOf<V> =
  | 'windowStart'
  | 'windowEnd'
  | KeysOf<V>
  | ComputedOf<V>
  | (V extends { readonly select: infer Select } ? Names<Select> : never);

type ProcessesOf<D> = D extends { readonly processes: infer Processes } ? Processes : Record<never, never>;

/** The fields that own code returned. */
type ReturnedOf<P> = P extends { readonly returns: infer Returns } ? FieldNames<Returns> : never;

type JoinsOf<D> = D extends { readonly joins: infer Joins } ? Joins : Record<never, never>;

/** What a joined row has: the `on` fields, its time, and both sides' rows. */
type JoinedOf<J> =
  | 'eventTime'
  | (J extends { readonly on: readonly (infer On)[] } ? Extract<On, string> : never)
  | (J extends { readonly left: infer Left; readonly right: infer Right }
      ? Extract<Left | Right, string>
      : never)
  | (J extends { readonly stream: infer S; readonly table: infer T } ? Extract<S | T, string> : never)
  | (J extends { readonly stream: infer S; readonly globalTable: infer T } ? Extract<S | T, string> : never);

/**
 * What a view reads: the fields of its source and of the elements it flattens to, joined rows, what own code returned beside what
 * it was given, or another view's results.
 */
type InputOf<D extends PipelineDefinition, V> = V extends { readonly from: infer From }
  ? From extends keyof D['sources']
    ? | NamesOf<D['sources'][From]['schema']>
      | (V extends { readonly flatten: infer F } ? ElementOf<RowOf<D['sources'][From]['schema']>, F> : never)
    : From extends keyof D['views']
      ? ResultsOf<D['views'][From]>
      : From extends keyof JoinsOf<D>
        ? JoinedOf<JoinsOf<D>[From]>
        : From extends keyof ProcessesOf<D>
          ? | GivenOn<D, ProcessesOf<D>[From]>
            | ReturnedOf<ProcessesOf<D>[From]>
            // Which elements own code returned is looked at when it runs.
            | (V extends { readonly flatten: string } ? string : never)
          : string
  : never;

/** What stands beside the fields that own code returned: all that it was given, or its keys. */
type GivenOn<D extends PipelineDefinition, P> = P extends { readonly by: readonly (infer By)[] }
  ? Extract<By, string>
  : InputOf<D, P>;

/** What a view may name; of a record also the fields in it: `a.b`. */
type Known<D extends PipelineDefinition, V> = InputOf<D, V> | DerivedOf<V>;
type Within<Name extends string> = Name | `${Name}.${string}`;

/** Aggregates of a field that is there; of a custom function, or of nothing, any. */
type CheckedSelect<Select, Name extends string> = {
  readonly [S in keyof Select]: Select[S] extends { readonly of: infer Of extends string }
    ? Of extends Name
      ? unknown
      : { readonly of: Name }
    : unknown;
};

type CheckedView<D extends PipelineDefinition, V> = {
  readonly from: keyof D['sources'] | keyof D['views'] | keyof JoinsOf<D> | keyof ProcessesOf<D>;
  readonly by?: readonly Known<D, V>[];
  readonly columns?: readonly Known<D, V>[];
  readonly where?: Expression<Within<Known<D, V>>>;
  readonly derive?: Readonly<Record<string, Expression<Within<Known<D, V>>>>>;
  readonly select?: V extends { readonly select: infer Select }
    ? CheckedSelect<Select, Known<D, V>>
    : unknown;
  readonly compute?: Readonly<Record<string, Expression<Within<ResultsOf<V>>>>>;
  readonly having?: Expression<Within<ResultsOf<V>>>;
};

type Checked<D extends PipelineDefinition> = {
  readonly sources: {
    readonly [S in keyof D['sources']]: {
      readonly schema: AvroRecord;
      readonly eventTime?: NamesOf<D['sources'][S]['schema']>;
      readonly partitionedBy?: readonly NamesOf<D['sources'][S]['schema']>[];
    };
  };
  readonly processes?: {
    readonly [P in keyof ProcessesOf<D>]: { readonly reads?: readonly InputOf<D, ProcessesOf<D>[P]>[] };
  };
  readonly views: { readonly [V in keyof D['views']]: CheckedView<D, D['views'][V]> };
};

/**
 * Checks a pipeline and gives it back as plain, frozen, JSON-serialisable data. The compiler checks the field names of `reads`, `by`,
 * `where`, `derive`, `columns`, `select`, `compute` and `having` against the schemas' row types; all of it is checked again at run time.
 * @throws DefinitionError (STREAMS_DEFINITION) with every problem found
 */
export function definePipeline<const D extends PipelineDefinition>(definition: D & Checked<D>): D {
  checkDefinition(definition);
  return deepFreeze(structuredClone(definition));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
