import type { AvroRecord } from './avro-types.ts';
import type { Expression } from './expression.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';
import { checkDefinition } from './validate-definition.ts';

type RowOf<Schema> = Schema extends { readonly rowType?: infer Row } ? NonNullable<Row> : never;
type NamesOf<Schema> = [RowOf<Schema>] extends [never] ? string : Extract<keyof RowOf<Schema>, string>;
type ElementOf<Row, Field> = Field extends keyof Row
  ? NonNullable<Row[Field]> extends readonly (infer Element)[]
    ? Extract<keyof Element, string>
    : never
  : never;

/** What a view may name: the fields of its source, of the elements it flattens to, and those it derives. */
type Known<D extends PipelineDefinition, V> = V extends { readonly from: infer From }
  ? From extends keyof D['sources']
    ? | NamesOf<D['sources'][From]['schema']>
      | (V extends { readonly flatten: infer F } ? ElementOf<RowOf<D['sources'][From]['schema']>, F> : never)
      | (V extends { readonly derive: infer Derived } ? Extract<keyof Derived, string> : never)
    : string
  : never;

type CheckedView<D extends PipelineDefinition, V> = {
  readonly from: keyof D['sources'];
  readonly by?: readonly Known<D, V>[];
  readonly columns?: readonly Known<D, V>[];
  readonly where?: Expression<Known<D, V>>;
  readonly derive?: Readonly<Record<string, Expression<Known<D, V>>>>;
};

type Checked<D extends PipelineDefinition> = {
  readonly sources: {
    readonly [S in keyof D['sources']]: {
      readonly schema: AvroRecord;
      readonly eventTime?: NamesOf<D['sources'][S]['schema']>;
      readonly partitionedBy?: readonly NamesOf<D['sources'][S]['schema']>[];
    };
  };
  readonly views: { readonly [V in keyof D['views']]: CheckedView<D, D['views'][V]> };
};

/**
 * Checks a pipeline and gives it back as plain, frozen, JSON-serialisable data. The compiler checks the field names of `by`,
 * `where`, `derive` and `columns` against the schemas' row types; all of it is checked again at run time.
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
