import type { RowOf } from '../definition/row-type.ts';

/** What own code is told beside the row. */
export interface ProcessContext {
  /** The row's event time, in epoch milliseconds. */
  readonly timeMs: number;
}

/**
 * Own code of a pipeline: is given a row and returns the declared fields of each row that comes out, an object or an array of
 * them; nothing, where none does. `In` and `Out` are Avro schemas, or types of rows. It must be synchronous and give the same for
 * the same row, since rows are counted again after a crash, and must not change what it is given.
 */
export type OwnCode<In = Record<string, unknown>, Out = Record<string, unknown>> = (
  row: Readonly<RowOf<In>>,
  context: ProcessContext,
) => RowOf<Out> | readonly RowOf<Out>[] | null | undefined | void;

/** Own code of whatever rows. */
export type AnyOwnCode = (row: never, context: ProcessContext) => unknown;

/** The code of a pipeline's processes, by their names. */
export type OwnCodes = Readonly<Record<string, AnyOwnCode>>;
